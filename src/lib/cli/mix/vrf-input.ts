/** What a verifiable random function is evaluated on: a flag in hexadecimal, a file, or stdin. */
import { AivError } from '../../core/index.ts'
import { readInput } from '../io/input.ts'
import { parseHexValue } from './hex-value.ts'

const INPUT_MOST = 2 ** 20

/** @throws AivError `E_USAGE` when both are given, and as `readInput` */
export async function readVrfInput(file: string | undefined, alpha: string | undefined): Promise<Uint8Array> {
  if (alpha === undefined) return await readInput(file, { maxBytes: INPUT_MOST })
  if (file !== undefined)
    throw new AivError('E_USAGE', 'the input is a file or --alpha, not both', {
      hint: 'Leave one of them out.',
    })
  return parseHexValue(alpha, '--alpha')
}
