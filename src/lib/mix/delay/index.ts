/** Delays of a mix: drawing them, waiting for them, and proving afterwards that they were kept. */
export { auditDelays, type DelayAudit, type DelayAuditInput, type MixAudit } from './audit/audit.ts'
export { type AuditedMix, auditedMixes } from './audit/audited-mix.ts'
export type { ShareTest } from './audit/bounds.ts'
export type { AuditFault, CountedFault } from './audit/check-reveal.ts'
export type { LoopJudgement } from './audit/judge-loops.ts'
export { formatLoop, type LoopHop, type LoopSample, parseLoops } from './audit/loop-sample.ts'
export * from './constants.ts'
export { DelayEpochs, type DelayEpochsOptions, type EpochDelays } from './delay-epochs.ts'
export {
  type DelaySeed,
  type DelaySeedInput,
  proveDelaySeed,
  verifyDelaySeed,
} from './epoch-seed.ts'
export { sampleDelayMs, sampleExponential } from './exponential.ts'
export { DelayLog, type DelayLogSummary, MOST_DELAY_LOG_LEAVES } from './log/delay-log.ts'
export type { DelayTimes } from './log/leaf.ts'
export { LeafFile, type LeafStore, MemoryLeaves } from './log/leaf-store.ts'
export { type RevealHeader, writeReveal } from './log/reveal.ts'
export { delayOf, drawnDelayUs } from './mode.ts'
export { DWELL_EXCEEDED, EXCESSIVE_DELAY, maxDelayUs, type ReleaseLimits, releaseAtUs } from './release.ts'
export { TimingWheel, type TimingWheelOptions } from './timing-wheel.ts'
