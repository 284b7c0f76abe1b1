/** Runs the measurements of HTX with their worker processes. */
import {
  type BenchReport,
  type BenchResult,
  type Ratio,
  ratioResults,
  rounded,
  takeTurns,
} from '../../bench/index.ts'
import { MAX_FRAME_DEFAULT } from '../constants.ts'
import {
  BENCH_ADMISSION,
  BENCH_MAX_SESSIONS,
  CHUNK_BYTES,
  DURATION_MS,
  HANDSHAKES_LEAST,
  IDLE_SESSIONS,
  LONG_SESSION_BYTES,
  RUNS,
  SETTLE_MS,
  WARM_UP_BYTES,
} from './constants.ts'
import { type BenchSettings, type Measurement, Workers } from './measurement.ts'

export const DEFAULT_SETTINGS: BenchSettings = {
  runs: RUNS,
  durationMs: DURATION_MS,
  warmUpBytes: WARM_UP_BYTES,
  idleSessions: IDLE_SESSIONS,
  settleMs: SETTLE_MS,
  longSessionBytes: LONG_SESSION_BYTES,
  handshakesLeast: HANDSHAKES_LEAST,
}

export interface RunOptions {
  readonly measurements: readonly Measurement[]
  /** Those whose two parts were measured become results. */
  readonly ratios: readonly Ratio[]
  readonly settings: BenchSettings
  readonly signal: AbortSignal
  /** Called before each run of each measurement. */
  readonly onRun?: (name: string, done: number) => void
}

/** What else decides the numbers. */
export interface HtxBenchReport extends BenchReport {
  /** Application bytes of one write, and the largest frame. */
  readonly chunkBytes: number
  readonly frameBytes: number
  readonly warmUpBytes: number
  /** Limits of the measured listeners that differ from the product's. */
  readonly limits: object
}

/** @throws AivError what a measurement throws; `E_ABORTED`, then every process is gone */
export async function runBench(options: RunOptions): Promise<HtxBenchReport> {
  const { settings, ratios, signal } = options
  const workers = new Workers()
  const onAbort = (): void => workers.kill()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    const { results, skipped, ...machine } = await takeTurns({
      ...options,
      runs: settings.runs,
      start: (measurement) => measurement.start(workers, settings),
    })
    return {
      ...machine,
      chunkBytes: CHUNK_BYTES,
      frameBytes: MAX_FRAME_DEFAULT,
      warmUpBytes: settings.warmUpBytes,
      limits: { admission: BENCH_ADMISSION, maxSessions: BENCH_MAX_SESSIONS },
      results: [...results, ...ratioResults(ratios, results, ratioOfCpu)],
      skipped,
    }
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    signal.removeEventListener('abort', onAbort)
    await workers.stop()
  }
}

/** Hardly moved by what else the machine does. */
function ratioOfCpu(of: BenchResult, over: BenchResult): Readonly<Record<string, number>> {
  return { ratioOfCpu: rounded(cpuPerByte(over) / cpuPerByte(of)) }
}

/** CPU time of both processes. */
function cpuPerByte({ senderCpuSecondsPerGB, receiverCpuSecondsPerGB }: BenchResult): number {
  return Number(senderCpuSecondsPerGB) + Number(receiverCpuSecondsPerGB)
}
