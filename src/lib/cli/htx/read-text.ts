/** Files of text that flags name. */
import { readFile } from 'node:fs/promises'
import { AivError, fromUtf8 } from '../../core/index.ts'

/** @throws AivError `E_INPUT` */
export async function readText(path: string): Promise<string> {
  try {
    return fromUtf8(await readFile(path))
  } catch (cause) {
    throw new AivError('E_INPUT', `cannot read ${path}: ${(cause as Error).message}`, { cause })
  }
}
