/** What a measurement of TLS is. */
import type { MeasurementInfo, TakeSample } from '../../bench/index.ts'
import type { TimerClock } from '../../core/index.ts'
import type { MadeCapture } from './reading/capture.ts'

/** What measurements share. */
export interface BenchContext {
  readonly clock: TimerClock
  readonly signal: AbortSignal
  /** Made when it is first asked for. */
  readonly capture: () => MadeCapture
}

export interface Measurement extends MeasurementInfo {
  /** Makes what will be read, and warms up. */
  start(context: BenchContext): Promise<TakeSample>
}
