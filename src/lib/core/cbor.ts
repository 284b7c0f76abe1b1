/**
 * Deterministic CBOR (RFC 8949 section 4.2.1) for the maps this project puts on the wire: definite lengths, shortest
 * heads, no floats, no tags, no simple values but false, true and null; map keys are text, sorted by their encoded
 * bytes, unique. The decoder accepts exactly what the encoder writes, so that equal values have equal bytes.
 */
import { compare, concat, fromUtf8, join, readU16, readU32, readU64, u16, u32, u64, utf8 } from './bytes.ts'
import { AivError } from './errors.ts'

export type CborValue =
  | number
  | bigint
  | boolean
  | null
  | string
  | Uint8Array
  | readonly CborValue[]
  | CborMap

export interface CborMap {
  readonly [key: string]: CborValue
}

const MAJOR = { unsigned: 0, negative: 1, bytes: 2, text: 3, array: 4, map: 5, simple: 7 } as const
const FALSE = 0xf4
const TRUE = 0xf5
const NULL = 0xf6

export interface CborLimits {
  /** Nesting of arrays and maps. */
  readonly depth: number
  /** Values in all, map keys included. */
  readonly items: number
}

const DEFAULT_LIMITS: CborLimits = { depth: 16, items: 65_536 }

/**
 * @param value integers are -2^64..2^64-1; a `number` must be a safe integer
 * @throws AivError `E_INPUT` for what the profile cannot say
 */
export function encodeCbor(value: CborValue): Uint8Array {
  const out: Uint8Array[] = []
  encodeInto(value, out)
  return join(out)
}

/**
 * Decodes one value that fills `bytes` exactly. Integers come as `number` where it is exact, else as `bigint`.
 * @throws AivError `E_MALFORMED` outside the profile, `E_TOO_LARGE` beyond the limits
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits = DEFAULT_LIMITS): CborValue {
  const decoder = new Decoder(bytes, limits)
  const value = decoder.value(0)
  if (!decoder.atEnd) throw malformed('bytes after the CBOR value')
  return value
}

/** True for a decoded map. */
export function isCborMap(value: CborValue | undefined): value is CborMap {
  return (
    typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array)
  )
}

function encodeInto(value: CborValue, out: Uint8Array[]): void {
  if (value === null) out.push(Uint8Array.of(NULL))
  else if (typeof value === 'boolean') out.push(Uint8Array.of(value ? TRUE : FALSE))
  else if (typeof value === 'number' || typeof value === 'bigint') out.push(encodeInteger(value))
  else if (typeof value === 'string') out.push(encodeText(value))
  else if (value instanceof Uint8Array) out.push(head(MAJOR.bytes, value.length), value)
  else if (isArray(value)) {
    out.push(head(MAJOR.array, value.length))
    for (const item of value) encodeInto(item, out)
  } else encodeMap(value, out)
}

function encodeMap(map: CborMap, out: Uint8Array[]): void {
  const entries = Object.entries(map).map(([key, value]) => ({ key: encodeText(key), value }))
  entries.sort((a, b) => compare(a.key, b.key))
  out.push(head(MAJOR.map, entries.length))
  for (const { key, value } of entries) {
    out.push(key)
    encodeInto(value, out)
  }
}

function encodeText(value: string): Uint8Array {
  // UTF-8 would replace a lone surrogate, and two different keys could become one.
  if (!value.isWellFormed()) throw new AivError('E_INPUT', 'text with a lone surrogate')
  const text = utf8(value)
  return concat(head(MAJOR.text, text.length), text)
}

function encodeInteger(value: number | bigint): Uint8Array {
  if (typeof value === 'number' && !Number.isSafeInteger(value)) {
    throw new AivError('E_INPUT', `${value} has no place in deterministic CBOR`)
  }
  const big = BigInt(value)
  const [major, magnitude] = big >= 0n ? [MAJOR.unsigned, big] : [MAJOR.negative, -1n - big]
  if (magnitude >> 64n !== 0n) throw new AivError('E_INPUT', 'an integer beyond 64 bits')
  return head(major, magnitude)
}

function head(major: number, argument: number | bigint): Uint8Array {
  const first = major << 5
  if (argument < 24) return Uint8Array.of(first | Number(argument))
  if (argument < 0x100) return Uint8Array.of(first | 24, Number(argument))
  if (argument < 0x10000) return concat(Uint8Array.of(first | 25), u16(Number(argument)))
  if (argument < 0x100000000) return concat(Uint8Array.of(first | 26), u32(Number(argument)))
  return concat(Uint8Array.of(first | 27), u64(argument))
}

class Decoder {
  readonly #bytes: Uint8Array
  readonly #limits: CborLimits
  #at = 0
  #items = 0

  constructor(bytes: Uint8Array, limits: CborLimits) {
    this.#bytes = bytes
    this.#limits = limits
  }

  get atEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  value(depth: number): CborValue {
    if (depth > this.#limits.depth) throw new AivError('E_TOO_LARGE', 'CBOR is nested too deeply')
    if (++this.#items > this.#limits.items) throw new AivError('E_TOO_LARGE', 'CBOR has too many values')
    const initial = this.#take(1)[0] as number
    const major = initial >>> 5
    if (major === MAJOR.simple) return simpleValue(initial)
    const argument = this.#argument(initial & 31)
    switch (major) {
      case MAJOR.unsigned:
        return narrow(argument)
      case MAJOR.negative:
        return narrow(-1n - argument)
      case MAJOR.bytes:
        return this.#take(this.#length(argument)).slice()
      case MAJOR.text:
        return fromUtf8(this.#take(this.#length(argument)))
      case MAJOR.array:
        return this.#array(this.#length(argument), depth)
      case MAJOR.map:
        return this.#map(this.#length(argument), depth)
      default:
        throw malformed('a CBOR tag')
    }
  }

  #array(length: number, depth: number): CborValue[] {
    const out: CborValue[] = []
    for (let i = 0; i < length; i++) out.push(this.value(depth + 1))
    return out
  }

  #map(length: number, depth: number): CborMap {
    // No prototype: a key such as `__proto__` is a key like any other.
    const out: Record<string, CborValue> = Object.create(null)
    let previous: Uint8Array | undefined
    for (let i = 0; i < length; i++) {
      const start = this.#at
      const key = this.value(depth + 1)
      if (typeof key !== 'string') throw malformed('a CBOR map key that is not text')
      const encoded = this.#bytes.subarray(start, this.#at)
      if (previous !== undefined && compare(previous, encoded) >= 0)
        throw malformed('CBOR map keys are not sorted')
      previous = encoded
      out[key] = this.value(depth + 1)
    }
    return out
  }

  #argument(info: number): bigint {
    if (info < 24) return BigInt(info)
    if (info > 27) throw malformed('an indefinite or reserved CBOR length')
    const size = 1 << (info - 24)
    const bytes = this.#take(size)
    const value =
      size === 1
        ? BigInt(bytes[0] as number)
        : size === 2
          ? BigInt(readU16(bytes, 0))
          : size === 4
            ? BigInt(readU32(bytes, 0))
            : readU64(bytes, 0)
    const least = size === 1 ? 24n : 1n << BigInt(4 * size)
    if (value < least) throw malformed('a CBOR head that is not in its shortest form')
    return value
  }

  /** A length is believed only as far as there are bytes: every element takes at least one. */
  #length(argument: bigint): number {
    if (argument > BigInt(this.#bytes.length - this.#at)) throw malformed('CBOR is truncated')
    return Number(argument)
  }

  #take(count: number): Uint8Array {
    const end = this.#at + count
    if (end > this.#bytes.length) throw malformed('CBOR is truncated')
    const out = this.#bytes.subarray(this.#at, end)
    this.#at = end
    return out
  }
}

function simpleValue(initial: number): CborValue {
  switch (initial) {
    case FALSE:
      return false
    case TRUE:
      return true
    case NULL:
      return null
    default:
      throw malformed('a CBOR float or simple value')
  }
}

function narrow(value: bigint): number | bigint {
  const number = Number(value)
  return Number.isSafeInteger(number) ? number : value
}

/** `Array.isArray` loses `readonly`; this keeps it. */
function isArray(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value)
}

function malformed(message: string): AivError {
  return new AivError('E_MALFORMED', message)
}
