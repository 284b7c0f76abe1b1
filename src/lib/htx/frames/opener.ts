/** Opens incoming frames: cutting, authentication, strict in-order rekeying, parsing. */
import { chacha20poly1305 } from '../../crypto/index.ts'
import { CODE, malformed, ProtocolViolation } from '../codes.ts'
import type { DirectionKeys } from '../keys/direction.ts'
import { parseFrame } from './payload.ts'
import { FrameReader } from './reader.ts'
import type { Frame } from './types.ts'

/** Frame counter of a key (section 4.2). Senders rekey long before; a peer that does not is not followed beyond. */
const LAST_COUNTER = 0xffffffff

/** A tag did not verify. The session says nothing and ends (section 7). */
export class UnauthenticatedFrame extends Error {
  constructor() {
    super('a frame did not authenticate')
    this.name = 'UnauthenticatedFrame'
  }
}

export class FrameOpener {
  readonly #keys: DirectionKeys
  readonly #reader: FrameReader

  /** @param maxFrame our own MAX_FRAME, bytes */
  constructor(keys: DirectionKeys, maxFrame: number) {
    this.#keys = keys
    this.#reader = new FrameReader(maxFrame)
  }

  get incomplete(): boolean {
    return this.#reader.incomplete
  }

  push(chunk: Uint8Array): void {
    this.#reader.push(chunk)
  }

  /**
   * The next frame, or undefined when more bytes are needed. A KEY_UPDATE has already been acted on when it is
   * returned: the old key is gone.
   * @throws ProtocolViolation
   * @throws UnauthenticatedFrame
   */
  next(): Frame | undefined {
    const sealed = this.#reader.next()
    if (sealed === undefined) return undefined
    if (this.#keys.counter > LAST_COUNTER)
      throw new ProtocolViolation(CODE.INTERNAL_ERROR, 'the peer has used up its key')
    const plaintext = chacha20poly1305.openParts(
      this.#keys.key,
      this.#keys.nextNonce(),
      sealed.header,
      sealed.ciphertext,
      sealed.tag,
      sealed.length,
    )
    if (plaintext === undefined) {
      this.#reader.discard()
      throw new UnauthenticatedFrame()
    }
    const frame = parseFrame(sealed.type, sealed.streamId, plaintext, sealed.length, this.#keys.direction)
    if (frame.kind === 'key-update') {
      if (frame.generation !== this.#keys.generation + 1)
        throw malformed('KEY_UPDATE to the wrong generation')
      this.#keys.update()
    }
    return frame
  }

  discard(): void {
    this.#reader.discard()
  }
}
