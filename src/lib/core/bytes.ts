/** Byte helpers that the protocol cores share. Bytes are `Uint8Array`; integers are big-endian unless a name says LE. */
import { AivError } from './errors.ts'

const HEX = /^(?:[0-9a-f]{2})*$/i
const textEncoder = new TextEncoder()
const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })

export const EMPTY: Uint8Array = new Uint8Array(0)

/** Lower-case hex. */
export function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')
}

/**
 * Parses hex of either case.
 * @throws AivError `E_MALFORMED` when the text is not an even number of hex digits
 */
export function fromHex(text: string): Uint8Array {
  if (!HEX.test(text)) throw new AivError('E_MALFORMED', 'not a hex string')
  return new Uint8Array(Buffer.from(text, 'hex'))
}

export function utf8(text: string): Uint8Array {
  return textEncoder.encode(text)
}

/** Each byte one character: for bytes that need not be text. */
export function latin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1')
}

/**
 * Decodes UTF-8 strictly.
 * @throws AivError `E_MALFORMED` on any invalid sequence
 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes)
  } catch (cause) {
    throw new AivError('E_MALFORMED', 'invalid UTF-8', { cause })
  }
}

/** One new array with the parts in order. Not for receive loops: there, keep the list of chunks. */
export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  return join(parts)
}

/** As {@link concat}, for lists whose length others choose: a call takes some hundred thousand arguments and no more. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  let length = 0
  for (const part of parts) length += part.length
  const out = new Uint8Array(length)
  let at = 0
  for (const part of parts) {
    out.set(part, at)
    at += part.length
  }
  return out
}

/** Plain comparison for public values. Secrets are compared with `constantTimeEqual` of `crypto`. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

/** Bytewise order, as `memcmp`; a prefix sorts first. */
export function compare(a: Uint8Array, b: Uint8Array): number {
  const n = Math.min(a.length, b.length)
  for (let i = 0; i < n; i++) {
    const d = (a[i] as number) - (b[i] as number)
    if (d !== 0) return d
  }
  return a.length - b.length
}

export function isAllZero(bytes: Uint8Array): boolean {
  let any = 0
  for (const b of bytes) any |= b
  return any === 0
}

export function u16(value: number): Uint8Array {
  return Uint8Array.of(value >>> 8, value & 0xff)
}

export function u32(value: number): Uint8Array {
  const out = new Uint8Array(4)
  writeU32(out, 0, value)
  return out
}

export function u64(value: bigint | number): Uint8Array {
  const out = new Uint8Array(8)
  new DataView(out.buffer).setBigUint64(0, BigInt(value))
  return out
}

export function readU16(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 8) | (bytes[at + 1] as number)
}

export function readU24(bytes: Uint8Array, at: number): number {
  return ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number)
}

export function readU32(bytes: Uint8Array, at: number): number {
  return (
    (bytes[at] as number) * 0x1000000 +
    (((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number))
  )
}

export function readU64(bytes: Uint8Array, at: number): bigint {
  return (BigInt(readU32(bytes, at)) << 32n) | BigInt(readU32(bytes, at + 4))
}

export function writeU16(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 8
  out[at + 1] = value
}

export function writeU24(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 16
  out[at + 1] = value >>> 8
  out[at + 2] = value
}

export function writeU32(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 24
  out[at + 1] = value >>> 16
  out[at + 2] = value >>> 8
  out[at + 3] = value
}
