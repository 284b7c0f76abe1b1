/** Base32 of RFC 4648 section 6, lower case, without padding: the one text form of peer ids and keys. */
import { AivError } from './errors.ts'

const ALPHABET = 'abcdefghijklmnopqrstuvwxyz234567'

export function encodeBase32(bytes: Uint8Array): string {
  let out = ''
  let bits = 0
  let buffer = 0
  for (const byte of bytes) {
    buffer = (buffer << 8) | byte
    bits += 8
    while (bits >= 5) {
      bits -= 5
      out += ALPHABET[(buffer >>> bits) & 31]
    }
    buffer &= (1 << bits) - 1
  }
  if (bits > 0) out += ALPHABET[(buffer << (5 - bits)) & 31]
  return out
}

/**
 * Decodes and insists on the canonical form: lower case, no padding, zero trailing bits.
 * @throws AivError `E_MALFORMED`
 */
export function decodeBase32(text: string): Uint8Array {
  const out = new Uint8Array(Math.floor((text.length * 5) / 8))
  let bits = 0
  let buffer = 0
  let at = 0
  for (const char of text) {
    const value = ALPHABET.indexOf(char)
    if (value < 0) throw new AivError('E_MALFORMED', 'not lower-case base32')
    buffer = (buffer << 5) | value
    bits += 5
    if (bits >= 8) {
      bits -= 8
      out[at++] = buffer >>> bits
      buffer &= (1 << bits) - 1
    }
  }
  // A remainder of 5 bits or more would be a whole superfluous character; non-zero bits a second spelling.
  if (bits >= 5 || buffer !== 0) throw new AivError('E_MALFORMED', 'base32 text is not canonical')
  return out
}
