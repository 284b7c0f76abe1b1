/** Delays of a mix: drawing them, waiting for them, and proving afterwards that they were kept. */
export * from './constants.ts'
export { sampleDelayMs, sampleExponential } from './exponential.ts'
export { DELAY_MODES, type DelayMode, delayOf, drawnDelayUs } from './mode.ts'
export { DWELL_EXCEEDED, EXCESSIVE_DELAY, maxDelayUs, type ReleaseLimits, releaseAtUs } from './release.ts'
export { TimingWheel, type TimingWheelOptions } from './timing-wheel.ts'
