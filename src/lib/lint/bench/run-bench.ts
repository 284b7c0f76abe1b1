/** Runs the measurements of lint. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BenchReport, type TurnOptions, takeTurns } from '../../bench/index.ts'
import type { Clock } from '../../core/index.ts'
import type { Measurement } from './measurement.ts'

export interface RunOptions extends Omit<TurnOptions<Measurement>, 'start'> {
  readonly clock: Clock
  /** A `package-lock.json` to measure in the place of the made one. */
  readonly lock: string | undefined
}

/** @throws AivError what a measurement throws, with its name; the signal's reason */
export async function runBench(options: RunOptions): Promise<BenchReport> {
  const { clock, signal, lock } = options
  const folders: string[] = []
  const folder = (): string => {
    const made = mkdtempSync(join(tmpdir(), 'aiv-bench-'))
    folders.push(made)
    return made
  }
  try {
    return await takeTurns({
      ...options,
      start: (measurement) => measurement.start({ clock, signal, folder, lock }),
    })
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    for (const made of folders) rmSync(made, { recursive: true, force: true })
  }
}
