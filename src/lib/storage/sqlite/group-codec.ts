/**
 * Batches as one flat buffer, so that handing a group to the writer thread is one transfer. Cloning the arrays one
 * by one would copy the whole pool behind each small view.
 *
 *   group  = batch*            batch = u32 conditions ‖ condition* ‖ u32 ops ‖ op*
 *   tag u8 ‖ u32 key length ‖ key, then for PUT and EQUAL u32 value length ‖ value
 *
 * Both ends are this program; nothing here is read from a file or a peer.
 */
import { readU32, writeU32 } from '../../core/index.ts'
import type { BatchConditions, StoreOp } from '../store.ts'

const DELETE = 0
export const PUT = 1
export const ABSENT = 2
const EQUAL = 3

const ITEM_HEADER_BYTES = 5
const BATCH_HEADER_BYTES = 8

/** A batch whose limits have been checked. */
export interface CheckedBatch {
  readonly ops: readonly StoreOp[]
  readonly conditions: BatchConditions
  /** Bytes of its keys and values. */
  readonly bytes: number
}

export interface GroupItem {
  readonly tag: number
  readonly key: Uint8Array
  /** Empty where the tag has none. */
  readonly value: Uint8Array
}

export interface GroupBatch {
  readonly conditions: readonly GroupItem[]
  readonly ops: readonly GroupItem[]
}

const NO_VALUE = new Uint8Array(0)

class GroupWriter {
  readonly out: Uint8Array<ArrayBuffer>
  #at = 0

  constructor(length: number) {
    this.out = new Uint8Array(length)
  }

  u32(value: number): void {
    writeU32(this.out, this.#at, value)
    this.#at += 4
  }

  item(tag: number, key: Uint8Array, value?: Uint8Array): void {
    this.out[this.#at++] = tag
    this.#sized(key)
    if (value !== undefined) this.#sized(value)
  }

  #sized(bytes: Uint8Array): void {
    this.u32(bytes.length)
    this.out.set(bytes, this.#at)
    this.#at += bytes.length
  }

  finish(): Uint8Array<ArrayBuffer> {
    return this.out.subarray(0, this.#at)
  }
}

function roomFor(batch: CheckedBatch): number {
  const { ifAbsent = [], ifEqual = [] } = batch.conditions
  const items = batch.ops.length + ifAbsent.length + ifEqual.length
  return BATCH_HEADER_BYTES + items * (ITEM_HEADER_BYTES + 4) + batch.bytes
}

/** One buffer with all batches in order; its ArrayBuffer may be transferred. */
export function encodeGroup(batches: readonly CheckedBatch[]): Uint8Array<ArrayBuffer> {
  let length = 0
  for (const batch of batches) length += roomFor(batch)
  const writer = new GroupWriter(length)
  for (const { ops, conditions } of batches) {
    const { ifAbsent = [], ifEqual = [] } = conditions
    writer.u32(ifAbsent.length + ifEqual.length)
    for (const key of ifAbsent) writer.item(ABSENT, key)
    for (const { key, value } of ifEqual) writer.item(EQUAL, key, value)
    writer.u32(ops.length)
    for (const op of ops) {
      if ('put' in op) writer.item(PUT, op.put, op.value)
      else writer.item(DELETE, op.delete)
    }
  }
  return writer.finish()
}

/** The batches of a group; keys and values are views of `group`. */
export function decodeGroup(group: Uint8Array): GroupBatch[] {
  let at = 0
  const sized = (): Uint8Array => {
    const start = at + 4
    at = start + readU32(group, at)
    return group.subarray(start, at)
  }
  const items = (): GroupItem[] => {
    const list: GroupItem[] = []
    const count = readU32(group, at)
    at += 4
    for (let i = 0; i < count; i++) {
      const tag = group[at++] as number
      const key = sized()
      list.push({ tag, key, value: tag === PUT || tag === EQUAL ? sized() : NO_VALUE })
    }
    return list
  }
  const batches: GroupBatch[] = []
  while (at < group.length) batches.push({ conditions: items(), ops: items() })
  return batches
}
