/** Opens incoming frames: cutting, authentication, strict in-order rekeying, parsing. */
import { chacha20poly1305 } from '../../crypto/index.ts'
import { CODE, malformed, ProtocolViolation } from '../codes.ts'
import { KIB } from '../constants.ts'
import type { DirectionKeys } from '../keys/direction.ts'
import { parseFrame } from './payload.ts'
import { FrameReader } from './reader.ts'
import { joinPieces } from './scratch.ts'
import { FRAME, type Frame } from './types.ts'

/** Frame counter of a key (section 4.2). Senders rekey long before; a peer that does not is not followed beyond. */
const LAST_COUNTER = 0xffffffff

/** Frames from this many bytes on give their data in a buffer of its own; below, that costs more than it saves. */
const DATA_APART_BYTES = 8 * KIB

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

  /**
   * @param maxFrame our own MAX_FRAME, bytes
   * @param ownsChunks the arrays given to `push` are freed when they have been read
   */
  constructor(keys: DirectionKeys, maxFrame: number, ownsChunks = false) {
    this.#keys = keys
    this.#reader = new FrameReader(maxFrame, ownsChunks)
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
      dataApart(sealed.type, joinPieces(sealed.ciphertext, sealed.length)),
      sealed.tag,
      sealed.length,
    )
    this.#reader.release()
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

/**
 * Data that is more than a few bytes is deciphered behind its flags byte, into a buffer that holds nothing else: whoever
 * takes it can then free that buffer.
 */
function dataApart(type: number, ciphertext: Uint8Array): readonly Uint8Array[] {
  if (type !== FRAME.STREAM || ciphertext.length < DATA_APART_BYTES) return [ciphertext]
  return [ciphertext.subarray(0, 1), ciphertext.subarray(1)]
}
