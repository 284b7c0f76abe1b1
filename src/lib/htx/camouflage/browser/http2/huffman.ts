/** The code of RFC 7541 section 5.2, for writing. */
import { HUFFMAN_LENGTHS } from './hpack-tables.ts'

const CODES = canonicalCodes(HUFFMAN_LENGTHS)

/** Bytes of the coded form. */
export function huffmanLength(bytes: Uint8Array): number {
  let bits = 0
  for (const byte of bytes) bits += HUFFMAN_LENGTHS[byte] as number
  return Math.ceil(bits / 8)
}

export function huffmanEncode(bytes: Uint8Array): Uint8Array {
  const out = new Uint8Array(huffmanLength(bytes))
  let at = 0
  /** Bits that do not fill a byte yet, at most 7 and a code of at most 30. */
  let held = 0n
  let heldBits = 0
  for (const byte of bytes) {
    const length = HUFFMAN_LENGTHS[byte] as number
    held = (held << BigInt(length)) | BigInt(CODES[byte] as number)
    heldBits += length
    while (heldBits >= 8) {
      heldBits -= 8
      out[at++] = Number(held >> BigInt(heldBits))
      held &= (1n << BigInt(heldBits)) - 1n
    }
  }
  // The rest is filled with the beginning of the end of a string, which is all ones.
  if (heldBits > 0) out[at] = (Number(held) << (8 - heldBits)) | (0xff >> heldBits)
  return out
}

/** Codes count up in order of length, then of symbol. */
function canonicalCodes(lengths: readonly number[]): readonly number[] {
  const symbols = lengths.map((length, symbol) => ({ length, symbol }))
  symbols.sort((a, b) => a.length - b.length || a.symbol - b.symbol)
  const codes = new Array<number>(lengths.length)
  let [code, last] = [0, 0]
  for (const { length, symbol } of symbols) {
    code *= 2 ** (length - last)
    last = length
    codes[symbol] = code++
  }
  return codes
}
