/** Records of Lightning: BigSize type, BigSize length, value (BOLT 1). */
import { readU16 } from '../../core/index.ts'

/** The smallest number that a BigSize writes in three bytes; the shortest form must be used. */
const BIGSIZE_3 = 0xfd
const LARGEST = 0xffff

interface BigSize {
  readonly value: number
  readonly bytes: number
}

/** A BigSize of one or three bytes; undefined for longer or torn ones, or those not in their shortest form. */
export function readBigSize(from: Uint8Array, at: number): BigSize | undefined {
  const first = from[at]
  if (first === undefined || first > BIGSIZE_3) return undefined
  if (first < BIGSIZE_3) return { value: first, bytes: 1 }
  if (at + 3 > from.length) return undefined
  const value = readU16(from, at + 1)
  return value < BIGSIZE_3 ? undefined : { value, bytes: 3 }
}

/** @param value at most 65,535 */
export function bigSize(value: number): Uint8Array {
  if (value > LARGEST) throw new RangeError('a BigSize of more than three bytes')
  return value < BIGSIZE_3 ? Uint8Array.of(value) : Uint8Array.of(BIGSIZE_3, value >>> 8, value)
}

/** Values by type; undefined when the bytes are no records in rising order. */
export function readRecords(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> | undefined {
  const records = new Map<number, Uint8Array>()
  let last = -1
  for (let at = 0; at < bytes.length; ) {
    const type = readBigSize(bytes, at)
    if (type === undefined || type.value <= last) return undefined
    const length = readBigSize(bytes, at + type.bytes)
    if (length === undefined) return undefined
    const start = at + type.bytes + length.bytes
    if (start + length.value > bytes.length) return undefined
    last = type.value
    at = start + length.value
    records.set(last, bytes.subarray(start, at))
  }
  return records
}
