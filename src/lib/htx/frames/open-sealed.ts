/** Authentication of a frame that was cut out, the same in both framings. */
import { chacha20poly1305 } from '../../crypto/index.ts'
import { CODE, ProtocolViolation } from '../codes.ts'
import type { FrameCutter, SealedFrame } from './cutter.ts'

/** Frame counter of a key (section 4.2). Senders rekey long before; a peer that does not is not followed beyond. */
const LAST_COUNTER = 0xffffffff

/** Keys of one direction: one nonce for each frame, in order. */
export interface OpeningKeys {
  readonly key: Uint8Array
  readonly counter: number
  nextNonce(): Uint8Array
}

/** A tag did not verify. The session says nothing and ends (section 7). */
export class UnauthenticatedFrame extends Error {
  constructor() {
    super('a frame did not authenticate')
    this.name = 'UnauthenticatedFrame'
  }
}

/**
 * Opens the frame that `cutter` has just given, and lets its memory go.
 * @param ciphertext that of the frame, in the pieces that the plaintext is wanted in
 * @throws ProtocolViolation when the key has been used up
 * @throws UnauthenticatedFrame nothing of what follows is parsed then
 */
export function openSealed(
  keys: OpeningKeys,
  cutter: FrameCutter,
  { header, tag, length }: SealedFrame,
  ciphertext: readonly Uint8Array[],
): readonly Uint8Array[] {
  if (keys.counter > LAST_COUNTER)
    throw new ProtocolViolation(CODE.INTERNAL_ERROR, 'the peer has used up its key')
  const plaintext = chacha20poly1305.openParts(keys.key, keys.nextNonce(), header, ciphertext, tag, length)
  cutter.release()
  if (plaintext !== undefined) return plaintext
  cutter.discard()
  throw new UnauthenticatedFrame()
}
