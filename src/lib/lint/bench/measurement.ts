/** What a measurement of lint is: a whole process of `aiv`, its start included, as pipelines run it. */
import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import type { MeasurementInfo, TakeSample } from '../../bench/index.ts'
import { AivError, type Clock } from '../../core/index.ts'

/** What measurements share. */
export interface BenchContext {
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Makes a folder that is removed when the benchmark ends. */
  readonly folder: () => string
  /** A `package-lock.json` to measure in the place of the made one. */
  readonly lock: string | undefined
}

export interface Measurement extends MeasurementInfo {
  /** Makes what will be read, and warms up. */
  start(context: BenchContext): Promise<TakeSample>
}

const PROGRAM = fileURLToPath(new URL('../../../../bin/run.js', import.meta.url))

/**
 * Runs `aiv` to its end.
 * @param codes exit codes that are right
 * @returns its time, milliseconds, and what it printed
 */
export function runProcess(
  args: readonly string[],
  cwd: string,
  { clock, signal }: BenchContext,
  codes: readonly number[] = [0],
): Promise<{ readonly ms: number; readonly stdout: string }> {
  const started = clock.now()
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    signal,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  const chunks: Buffer[] = []
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      const ms = clock.now() - started
      if (code !== null && codes.includes(code))
        resolve({ ms, stdout: Buffer.concat(chunks).toString('utf8') })
      else reject(new AivError('E_INTERNAL', `aiv ${args.join(' ')} ended with ${code}`))
    })
  })
}
