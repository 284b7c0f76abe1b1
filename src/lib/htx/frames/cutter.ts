/**
 * Cuts a byte stream into sealed frames without copying them: walks a list of chunks and hands out subarrays. What a
 * header looks like, and what it alone can decide, is left to each framing.
 */
import { TAG_LENGTH } from '../constants.ts'
import { ChunkQueue } from './chunk-queue.ts'
import type { StreamId } from './types.ts'

export interface FrameHead {
  readonly type: number
  /** In 1.1 present exactly for STREAM and WINDOW_UPDATE, in 1.2 for every type. */
  readonly streamId: StreamId | undefined
  /** The header as sent: the associated data. */
  readonly header: Uint8Array
  /** Plaintext length = ciphertext length, bytes. */
  readonly length: number
}

export interface SealedFrame extends FrameHead {
  /** The ciphertext in one or more pieces. */
  readonly ciphertext: readonly Uint8Array[]
  readonly tag: Uint8Array
}

export abstract class FrameCutter {
  readonly #queue: ChunkQueue
  #head: FrameHead | undefined

  /** @param ownsChunks `release` may free the arrays given to `push` */
  constructor(ownsChunks: boolean) {
    this.#queue = new ChunkQueue(ownsChunks)
  }

  /** Bytes received and not yet handed out. */
  get buffered(): number {
    return this.#queue.bytes
  }

  /** True while the beginning of a frame has arrived and its end has not. Valid after `next` returned undefined. */
  get incomplete(): boolean {
    return this.#queue.bytes > 0 || this.#head !== undefined
  }

  push(chunk: Uint8Array): void {
    this.#queue.push(chunk)
  }

  /**
   * The next whole frame, or undefined when more bytes are needed.
   * @throws ProtocolViolation MALFORMED_FRAME as soon as the header shows it
   */
  next(): SealedFrame | undefined {
    this.#head ??= this.readHead(this.#queue)
    const head = this.#head
    if (head === undefined || this.#queue.bytes < head.length + TAG_LENGTH) return undefined
    this.#head = undefined
    const ciphertext = this.#queue.take(head.length)
    const tag = this.#queue.takeJoined(TAG_LENGTH)
    return { ...head, ciphertext, tag }
  }

  /** The frame that `next` gave has been read: its memory can go, if it is ours. */
  release(): void {
    this.#queue.release()
  }

  /** Forgets what is buffered: nothing is parsed past a fault. */
  discard(): void {
    this.#queue.clear()
    this.#head = undefined
  }

  /**
   * Takes a header off the queue once it is there in whole. Nothing of the frame is awaited before its length is known
   * to be allowed: a length alone must not make us wait or buffer.
   * @throws ProtocolViolation MALFORMED_FRAME
   */
  protected abstract readHead(queue: ChunkQueue): FrameHead | undefined
}
