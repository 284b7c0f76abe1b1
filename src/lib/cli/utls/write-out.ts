/** Files that commands write on request. */
import { writeFile } from 'node:fs/promises'
import { AivError } from '../../core/index.ts'

/** @throws AivError `E_IO` */
export async function writeOut(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeFile(path, content)
  } catch (cause) {
    throw new AivError('E_IO', `cannot write ${path}: ${(cause as Error).message}`, { cause })
  }
}
