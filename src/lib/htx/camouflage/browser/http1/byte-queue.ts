/** What a stream brings, for code that asks for so many bytes. */
import type { Duplex } from 'node:stream'
import { AivError, concat, EMPTY } from '../../../../core/index.ts'

export class ByteQueue {
  readonly #stream: Duplex
  #chunks: Uint8Array[] = []
  #length = 0
  #hasEnded = false
  #error: Error | undefined
  #wake = (): void => {}
  readonly #onData = (chunk: Uint8Array): void => {
    this.#chunks.push(chunk)
    this.#length += chunk.length
    // Nobody asked for it yet; the socket holds the rest.
    this.#stream.pause()
    this.#wake()
  }
  readonly #onEnd = (): void => {
    this.#hasEnded = true
    this.#wake()
  }
  readonly #onError = (error: Error): void => {
    this.#error ??= error
    this.#wake()
  }

  constructor(stream: Duplex) {
    this.#stream = stream
    stream.on('data', this.#onData)
    stream.on('end', this.#onEnd)
    stream.on('close', this.#onEnd)
    stream.on('error', this.#onError)
    stream.pause()
    // It broke before anybody asked: nothing of that is told again.
    if (!stream.destroyed) return
    this.#hasEnded = true
    this.#error = stream.errored ?? undefined
  }

  /**
   * The next bytes, as many as there are.
   * @returns undefined at the end
   * @throws what broke the stream
   */
  async next(): Promise<Uint8Array | undefined> {
    while (this.#length === 0) {
      if (this.#error !== undefined) throw this.#error
      if (this.#hasEnded) return undefined
      const woken = Promise.withResolvers<void>()
      this.#wake = woken.resolve
      this.#stream.resume()
      await woken.promise
    }
    return this.take()
  }

  /** @throws AivError `E_HANDSHAKE` at the end, what broke the stream */
  async more(): Promise<Uint8Array> {
    const bytes = await this.next()
    if (bytes !== undefined) return bytes
    throw new AivError('E_HANDSHAKE', 'the site closed the connection before it had answered')
  }

  /** Gives bytes back: they are next. */
  putBack(bytes: Uint8Array): void {
    if (bytes.length === 0) return
    this.#chunks.unshift(bytes)
    this.#length += bytes.length
  }

  /** Lets go of the stream, which is paused and no longer watched. @returns what came and was not asked for */
  release(): Uint8Array {
    const stream = this.#stream
    stream.pause()
    stream.off('data', this.#onData)
    stream.off('end', this.#onEnd)
    stream.off('close', this.#onEnd)
    stream.off('error', this.#onError)
    return this.take()
  }

  take(): Uint8Array {
    const [first = EMPTY, ...others] = this.#chunks
    this.#chunks = []
    this.#length = 0
    return others.length === 0 ? first : concat(first, ...others)
  }
}
