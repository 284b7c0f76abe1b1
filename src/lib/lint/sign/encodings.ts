/** base64 of RFC 4648, in one spelling each: other characters, other padding and stray bits are refused. */
import { AivError } from '../../core/index.ts'

export function base64(bytes: Uint8Array, alphabet: 'base64' | 'base64url'): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString(alphabet)
}

/**
 * @param what is decoded, for the message
 * @throws AivError `E_MALFORMED`
 */
export function fromBase64(text: unknown, alphabet: 'base64' | 'base64url', what: string): Uint8Array {
  const bytes = typeof text === 'string' ? new Uint8Array(Buffer.from(text, alphabet)) : undefined
  if (bytes === undefined || base64(bytes, alphabet) !== text)
    throw new AivError('E_MALFORMED', `${what} is not ${alphabet}`)
  return bytes
}
