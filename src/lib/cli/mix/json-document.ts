/** JSON from files. */
import { AivError, fromUtf8 } from '../../core/index.ts'

/** @throws AivError `E_MALFORMED` */
export function jsonDocument(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes))
  } catch (cause) {
    throw new AivError('E_MALFORMED', 'it is not JSON', { cause })
  }
}
