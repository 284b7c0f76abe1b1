/**
 * Cuts an encoded CBOR array into its elements without decoding them (RFC 8949 section 3). Only lengths are looked at
 * here; whether an element is well-formed otherwise is for its decoder to say.
 */
import { AivError } from '../../../../core/index.ts'

const ARRAY = 4
const MAP = 5
/** Least arguments of the heads with 1, 2, 4 and 8 bytes behind them. */
const LEAST = [24, 2 ** 8, 2 ** 16, 2 ** 32] as const

interface Head {
  readonly major: number
  readonly argument: number
  readonly next: number
}

/** @throws AivError `E_MALFORMED` when the bytes are not exactly one array of definite length */
export function* elementsOf(bytes: Uint8Array): Generator<Uint8Array> {
  const { major, argument: count, next } = headAt(bytes, 0)
  if (major !== ARRAY) throw malformed('not an array')
  let at = next
  for (let i = 0; i < count; i++) {
    const end = endOfValue(bytes, at)
    yield bytes.subarray(at, end)
    at = end
  }
  if (at !== bytes.length) throw malformed('bytes after the array')
}

/**
 * A loop, not a recursion: the depth is the peer's choice. Every value takes a byte at least, so a false count ends
 * with the bytes.
 */
function endOfValue(bytes: Uint8Array, start: number): number {
  let at = start
  for (let values = 1; values > 0; values--) {
    const { major, argument, next } = headAt(bytes, at)
    at = next
    if (major === 2 || major === 3) at += argument
    else if (major === ARRAY) values += argument
    else if (major === MAP) values += 2 * argument
  }
  return at
}

function headAt(bytes: Uint8Array, at: number): Head {
  const initial = bytes[at]
  if (initial === undefined) throw malformed('truncated')
  const major = initial >>> 5
  const info = initial & 31
  if (info < 24) return { major, argument: info, next: at + 1 }
  if (info > 27) throw malformed('of indefinite length')
  const next = at + 1 + (1 << (info - 24))
  if (next > bytes.length) throw malformed('truncated')
  let argument = 0
  for (let i = at + 1; i < next; i++) argument = argument * 256 + (bytes[i] as number)
  if (argument < (LEAST[info - 24] as number)) throw malformed('not in its shortest form')
  return { major, argument, next }
}

function malformed(what: string): AivError {
  return new AivError('E_MALFORMED', `the list is ${what}`)
}
