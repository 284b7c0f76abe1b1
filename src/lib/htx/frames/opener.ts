/** Opens incoming frames: cutting, authentication, strict in-order rekeying, parsing. */
import { malformed } from '../codes.ts'
import { KIB } from '../constants.ts'
import type { DirectionKeys } from '../keys/direction.ts'
import { openSealed } from './open-sealed.ts'
import { parseFrame } from './payload.ts'
import { FrameReader } from './reader.ts'
import { joinPieces } from './scratch.ts'
import { FRAME, type Frame } from './types.ts'

/** Frames from this many bytes on give their data in a buffer of its own; below, that costs more than it saves. */
const DATA_APART_BYTES = 8 * KIB

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
    const ciphertext = dataApart(sealed.type, joinPieces(sealed.ciphertext, sealed.length))
    const plaintext = openSealed(this.#keys, this.#reader, sealed, ciphertext)
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
