/** Public byte strings as words of the command line. */
import { AivError, fromHex } from '../../core/index.ts'

const HEX = /^(?:[0-9a-f]{2})*$/i

/**
 * @param what names the value in the refusal
 * @param length in bytes; any unless given
 * @throws AivError `E_USAGE`
 */
export function parseHexValue(text: string, what: string, length?: number): Uint8Array {
  if (!HEX.test(text) || (length !== undefined && text.length !== 2 * length))
    throw new AivError(
      'E_USAGE',
      `${what} is not ${length === undefined ? '' : `${length} bytes of `}hexadecimal`,
    )
  return fromHex(text)
}
