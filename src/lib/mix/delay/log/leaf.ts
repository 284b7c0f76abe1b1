/**
 * One line of the log that a mix keeps of its delays. Only who knows the packet's tau, its sender, finds the line and can
 * read it; to all others it is random.
 */
import { AivError, EMPTY, readU64, utf8 } from '../../../core/index.ts'
import { chacha20poly1305, erase, hmac } from '../../../crypto/index.ts'

const ID_LABEL = utf8('id')
const KEY_LABEL = utf8('key')
const TAU_BYTES = 32

/**
 * Nonce rule: the key is made of the packet's tau and seals once, at the packet's release. A replayed packet, whose tau is the
 * same, is dropped before it gets here.
 */
const NONCE = new Uint8Array(12)

export const LEAF_ID_BYTES = 32
const TIMES_BYTES = 24
const TAG_BYTES = 16
/** Id and ciphertext. */
export const LEAF_BYTES = LEAF_ID_BYTES + TIMES_BYTES + TAG_BYTES

export interface DelayTimes {
  /** What the packet's delay was to be, microseconds. */
  readonly delayUs: number
  /**
   * Microseconds since the Unix epoch, fractions allowed. Both from one reading of the wall clock and the monotonic one, so
   * that setting the clock changes no difference.
   */
  readonly arrivedUs: number
  readonly releasedUs: number
}

/** The id of the line of the packet with this tau, 32 bytes. */
export function leafId(tau: Uint8Array): Uint8Array {
  if (tau.length !== TAU_BYTES) throw new AivError('E_CRYPTO', 'the secret of a packet has 32 bytes')
  return hmac('sha256', tau, ID_LABEL)
}

/** Writes the line into 72 bytes at `at`. */
export function writeLeaf(out: Uint8Array, at: number, tau: Uint8Array, times: DelayTimes): void {
  const plain = new Uint8Array(TIMES_BYTES)
  const view = new DataView(plain.buffer)
  view.setBigUint64(0, BigInt(times.delayUs))
  // Rounded outwards: a packet must not seem to have left a microsecond early.
  view.setBigUint64(8, BigInt(Math.floor(times.arrivedUs)))
  view.setBigUint64(16, BigInt(Math.ceil(times.releasedUs)))
  const key = hmac('sha256', tau, KEY_LABEL)
  out.set(leafId(tau), at)
  out.set(chacha20poly1305.seal(key, NONCE, EMPTY, plain), at + LEAF_ID_BYTES)
  erase(key, plain)
}

/** The times in a line, or undefined when it is not what this packet's mix wrote for it. */
export function openLeaf(tau: Uint8Array, leaf: Uint8Array): DelayTimes | undefined {
  const key = hmac('sha256', tau, KEY_LABEL)
  const plain = chacha20poly1305.open(key, NONCE, EMPTY, leaf.subarray(LEAF_ID_BYTES))
  erase(key)
  if (plain === undefined || plain.length !== TIMES_BYTES) return undefined
  const [delayUs, arrivedUs, releasedUs] = [0, 8, 16].map((at) => Number(readU64(plain, at)))
  return {
    delayUs: delayUs as number,
    arrivedUs: arrivedUs as number,
    releasedUs: releasedUs as number,
  }
}
