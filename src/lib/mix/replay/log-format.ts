/**
 * The file of a replay log: a header that names the mix key, then blocks of fingerprints, each with a checksum.
 *
 *     header  "aiv-replay-log-1" 16 | epoch u64 | public mix key 32 | checksum 8
 *     block   count u32 | count inverted u32 | count fingerprints of 8 | checksum 8
 *
 * A checksum is the head of a SHA-256 that also covers the key and the place in the file, so that neither a block of
 * another log nor one of another place passes. It finds accidents; who can write the file can do worse than forge it.
 * The count stands there twice, because a damaged one would make a durable block look like one that was cut off.
 */
import { concat, equal, readU32, u64, utf8, writeU32 } from '../../core/index.ts'
import { sha256 } from '../../crypto/index.ts'
import { MOST_BLOCK_TAGS } from './constants.ts'
import { FINGERPRINT_BYTES } from './journal-reader.ts'

/** Whose tags a log holds. */
export interface ReplayLogKey {
  readonly epoch: number
  /** 32 bytes. */
  readonly publicKey: Uint8Array
}

const MAGIC = utf8('aiv-replay-log-1')
/** Both counts. */
export const BLOCK_HEAD_BYTES = 8
const CHECKSUM_BYTES = 8
export const LOG_HEADER_BYTES = MAGIC.length + 8 + 32 + CHECKSUM_BYTES

/** Longest block, bytes. */
export const MOST_BLOCK_BYTES = BLOCK_HEAD_BYTES + FINGERPRINT_BYTES * MOST_BLOCK_TAGS + CHECKSUM_BYTES

export function encodeLogHeader({ epoch, publicKey }: ReplayLogKey): Uint8Array {
  const head = concat(MAGIC, u64(epoch), publicKey)
  return concat(head, sha256(head).subarray(0, CHECKSUM_BYTES))
}

export function isLogHeader(bytes: Uint8Array, key: ReplayLogKey): boolean {
  return equal(bytes.subarray(0, LOG_HEADER_BYTES), encodeLogHeader(key))
}

/** Where the fingerprints of a block under construction stand. */
export function blockBody(block: Uint8Array): Uint8Array {
  return block.subarray(BLOCK_HEAD_BYTES, BLOCK_HEAD_BYTES + FINGERPRINT_BYTES * MOST_BLOCK_TAGS)
}

/**
 * Completes a block whose fingerprints are in place.
 * @param at where it will stand in the file
 * @returns its length
 */
export function sealBlock(block: Uint8Array, count: number, key: ReplayLogKey, at: number): number {
  writeU32(block, 0, count)
  writeU32(block, 4, ~count)
  const end = BLOCK_HEAD_BYTES + FINGERPRINT_BYTES * count
  block.set(checksumOf(block.subarray(0, end), key, at), end)
  return end + CHECKSUM_BYTES
}

/** Length of the block that begins with these bytes; undefined when no block begins so. */
export function blockLength(bytes: Uint8Array): number | undefined {
  const count = readU32(bytes, 0)
  if (count === 0 || count > MOST_BLOCK_TAGS || ~count >>> 0 !== readU32(bytes, 4)) return undefined
  return BLOCK_HEAD_BYTES + FINGERPRINT_BYTES * count + CHECKSUM_BYTES
}

/** The fingerprints of a whole block; undefined when the checksum is wrong. */
export function openBlock(block: Uint8Array, key: ReplayLogKey, at: number): Uint8Array | undefined {
  const end = block.length - CHECKSUM_BYTES
  const checksum = checksumOf(block.subarray(0, end), key, at)
  return equal(block.subarray(end), checksum) ? block.subarray(BLOCK_HEAD_BYTES, end) : undefined
}

function checksumOf(body: Uint8Array, { publicKey }: ReplayLogKey, at: number): Uint8Array {
  return sha256(publicKey, u64(at), body).subarray(0, CHECKSUM_BYTES)
}
