/** A folder that is gone afterwards, also when the process ends at once. */
import { rmSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Processes that die may still write a last file. */
const REMOVAL = { recursive: true, force: true, maxRetries: 10, retryDelay: 50 } as const

export async function inTemporaryFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'aiv-browser-'))
  const onExit = (): void => rmSync(folder, REMOVAL)
  process.once('exit', onExit)
  try {
    return await use(folder)
  } finally {
    await rm(folder, REMOVAL)
    process.off('exit', onExit)
  }
}
