/** Writes TLS structures (RFC 8446 section 3). */
import { AivError, concat, u16 } from '../../core/index.ts'

/**
 * A vector with a length of one byte before it.
 * @throws AivError `E_TOO_LARGE` above 255 bytes
 */
export function vector8(bytes: Uint8Array): Uint8Array {
  checkFits(bytes, 0xff)
  return concat(Uint8Array.of(bytes.length), bytes)
}

/**
 * A vector with a length of two bytes before it.
 * @throws AivError `E_TOO_LARGE` above 65,535 bytes
 */
export function vector16(bytes: Uint8Array): Uint8Array {
  checkFits(bytes, 0xffff)
  return concat(u16(bytes.length), bytes)
}

/** 16-bit numbers one behind the other. */
export function u16s(numbers: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(numbers.length * 2)
  for (const [index, number] of numbers.entries()) {
    bytes[index * 2] = number >>> 8
    bytes[index * 2 + 1] = number
  }
  return bytes
}

/** A length that wraps around would make a reader take what follows for something else. */
function checkFits({ length }: Uint8Array, most: number): void {
  if (length > most)
    throw new AivError('E_TOO_LARGE', `a TLS vector of ${length} bytes, where at most ${most} fit`)
}
