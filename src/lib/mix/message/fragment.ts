/** A message in pieces of one size, so that the number of packets is all that its length tells. */
import { AivError, readU32, writeU32 } from '../../core/index.ts'

/** 16 random bytes: pieces of one message are told apart from those of others. */
export const MESSAGE_ID_BYTES = 16
const INDEX_AT = MESSAGE_ID_BYTES
const COUNT_AT = INDEX_AT + 4
const FRAGMENT_HEADER_BYTES = COUNT_AT + 4

export interface Fragment {
  readonly id: Uint8Array
  /** From 0. */
  readonly index: number
  readonly count: number
  readonly data: Uint8Array
}

/** How many pieces a message of this length makes; an empty one is one piece. */
export function fragmentCount(messageBytes: number, bodyBytes: number): number {
  return Math.max(1, Math.ceil(messageBytes / fragmentDataBytes(bodyBytes)))
}

/**
 * The piece as the body of a packet. All but the last are `bodyBytes` long.
 * @param index below `fragmentCount`
 */
export function fragmentAt(
  id: Uint8Array,
  message: Uint8Array,
  index: number,
  bodyBytes: number,
): Uint8Array {
  const most = fragmentDataBytes(bodyBytes)
  const data = message.subarray(index * most, (index + 1) * most)
  const out = new Uint8Array(FRAGMENT_HEADER_BYTES + data.length)
  out.set(id)
  writeU32(out, INDEX_AT, index)
  writeU32(out, COUNT_AT, fragmentCount(message.length, bodyBytes))
  out.set(data, FRAGMENT_HEADER_BYTES)
  return out
}

/** @returns views into `body`; undefined when it is no piece */
export function decodeFragment(body: Uint8Array): Fragment | undefined {
  if (body.length < FRAGMENT_HEADER_BYTES) return undefined
  const index = readU32(body, INDEX_AT)
  const count = readU32(body, COUNT_AT)
  // A piece without data would cost its sender nothing and us the memory of it.
  if (index >= count || (count > 1 && body.length === FRAGMENT_HEADER_BYTES)) return undefined
  return {
    id: body.subarray(0, MESSAGE_ID_BYTES),
    index,
    count,
    data: body.subarray(FRAGMENT_HEADER_BYTES),
  }
}

function fragmentDataBytes(bodyBytes: number): number {
  const bytes = bodyBytes - FRAGMENT_HEADER_BYTES
  if (bytes < 1) throw new AivError('E_USAGE', 'the packets of this network have no room for messages')
  return bytes
}
