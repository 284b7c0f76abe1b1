/** Runs the measurements of TLS. */
import { type BenchReport, type TurnOptions, takeTurns } from '../../bench/index.ts'
import type { TimerClock } from '../../core/index.ts'
import type { Measurement } from './measurement.ts'
import { type MadeCapture, makeCapture } from './reading/capture.ts'

export interface RunOptions extends Omit<TurnOptions<Measurement>, 'start'> {
  /** Size of the capture that is read, bytes. */
  readonly captureBytes: number
  readonly clock: TimerClock
}

export interface TlsBenchReport extends BenchReport {
  readonly captureBytes: number
}

/** @throws AivError what a measurement throws, with its name; the signal's reason */
export async function runBench(options: RunOptions): Promise<TlsBenchReport> {
  const { captureBytes, clock, signal } = options
  let made: MadeCapture | undefined
  const capture = (): MadeCapture => {
    made ??= makeCapture(captureBytes)
    return made
  }
  try {
    const start = (measurement: Measurement) => measurement.start({ capture, clock, signal })
    const { results, skipped, ...machine } = await takeTurns({ ...options, start })
    return { ...machine, captureBytes, results, skipped }
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  }
}
