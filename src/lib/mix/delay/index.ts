/** Delays of a mix: drawing them, waiting for them, and proving afterwards that they were kept. */
export {
  type AuditFault,
  auditDelays,
  type DelayAudit,
} from './audit/audit.ts'
export { type AuditedMix, auditedMixes } from './audit/audited-mix.ts'
export type { DelayJudgement, ShareTest } from './audit/judge-delays.ts'
export { type DelaySample, formatSample, parseSamples } from './audit/sample.ts'
export * from './constants.ts'
export {
  type DelaySeed,
  type DelaySeedInput,
  proveDelaySeed,
  verifyDelaySeed,
} from './epoch-seed.ts'
export { sampleDelayMs, sampleExponential } from './exponential.ts'
export { DelayLog, type DelayLogSummary, MOST_DELAY_LOG_LEAVES } from './log/delay-log.ts'
export type { DelayTimes } from './log/leaf.ts'
export { FileBuckets, type LeafBuckets, MemoryBuckets } from './log/leaf-buckets.ts'
export { type RevealHeader, writeReveal } from './log/reveal.ts'
export { delayOf, drawnDelayUs } from './mode.ts'
export { DWELL_EXCEEDED, EXCESSIVE_DELAY, maxDelayUs, type ReleaseLimits, releaseAtUs } from './release.ts'
export { TimingWheel, type TimingWheelOptions } from './timing-wheel.ts'
