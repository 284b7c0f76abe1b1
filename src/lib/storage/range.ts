/** Key ranges and the checks on what callers hand in. */
import { AivError, compare } from '../core/index.ts'
import { MAX_BATCH_BYTES, MAX_BATCH_OPS, MAX_KEY_BYTES, MAX_VALUE_BYTES } from './constants.ts'
import type { BatchConditions, KeyRange, StoreOp } from './store.ts'

/** `from <= key < to`; no `to` means no upper end. */
export interface Bounds {
  readonly from: Uint8Array
  readonly to: Uint8Array | undefined
}

/** The first key after all keys that start with `prefix`; undefined when there is none (all bytes 0xff). */
function endOfPrefix(prefix: Uint8Array): Uint8Array | undefined {
  let length = prefix.length
  while (length > 0 && prefix[length - 1] === 0xff) length--
  if (length === 0) return undefined
  const end = prefix.slice(0, length)
  end[length - 1] = (end[length - 1] as number) + 1
  return end
}

export function boundsOf(range: KeyRange): Bounds {
  let from = range.prefix ?? new Uint8Array(0)
  let to = endOfPrefix(from)
  if (range.from !== undefined && compare(range.from, from) > 0) from = range.from
  if (range.to !== undefined && (to === undefined || compare(range.to, to) < 0)) to = range.to
  return { from, to }
}

/** The least key above `key`. */
export function successorOf(key: Uint8Array): Uint8Array {
  const next = new Uint8Array(key.length + 1)
  next.set(key)
  return next
}

/** @throws AivError `E_INPUT` for an empty key, `E_TOO_LARGE` */
export function checkKey(key: Uint8Array): void {
  if (key.length === 0) throw new AivError('E_INPUT', 'a store key is empty')
  if (key.length > MAX_KEY_BYTES)
    throw new AivError('E_TOO_LARGE', `a store key has ${key.length} bytes; the most is ${MAX_KEY_BYTES}`)
}

function checkValue(value: Uint8Array): void {
  if (value.length > MAX_VALUE_BYTES)
    throw new AivError(
      'E_TOO_LARGE',
      `a store value has ${value.length} bytes; the most is ${MAX_VALUE_BYTES}`,
      { hint: 'Store it in chunks.' },
    )
}

/**
 * Checks every limit of a batch.
 * @returns its bytes of keys and values
 * @throws AivError `E_INPUT`, `E_TOO_LARGE`
 */
export function checkBatch(ops: readonly StoreOp[], conditions: BatchConditions): number {
  const absent = conditions.ifAbsent ?? []
  const equal = conditions.ifEqual ?? []
  if (ops.length > MAX_BATCH_OPS || absent.length + equal.length > MAX_BATCH_OPS)
    throw new AivError('E_TOO_LARGE', `a batch has more than ${MAX_BATCH_OPS} operations`)
  let bytes = 0
  for (const op of ops) {
    if ('put' in op) {
      checkKey(op.put)
      checkValue(op.value)
      bytes += op.put.length + op.value.length
    } else {
      checkKey(op.delete)
      bytes += op.delete.length
    }
  }
  for (const key of absent) {
    checkKey(key)
    bytes += key.length
  }
  for (const { key, value } of equal) {
    checkKey(key)
    checkValue(value)
    bytes += key.length + value.length
  }
  if (bytes > MAX_BATCH_BYTES)
    throw new AivError('E_TOO_LARGE', `a batch has ${bytes} bytes; the most is ${MAX_BATCH_BYTES}`)
  return bytes
}
