/** Moves the records of a continued service over one stream of one session, for as long as that lasts. */
import { CODE } from '../../codes.ts'
import type { HtxStream } from '../../endpoint/htx-stream.ts'
import type { ContinuedStream } from './continued-stream.ts'

/** Records taken at a time, bytes. */
const TURN_BYTES = 256 * 1024

export class Carriage {
  readonly #service: ContinuedStream
  readonly #stream: HtxStream
  readonly #onLost: () => void
  #isPumping = false
  #isLost = false

  /**
   * @param stream what follows the answer of the acceptor is in it
   * @param onLost called once when the stream is gone and the service is not over
   */
  constructor(service: ContinuedStream, stream: HtxStream, onLost: () => void) {
    this.#service = service
    this.#stream = stream
    this.#onLost = onLost
    stream.on('error', () => this.#lose())
    stream.on('close', () => this.#lose())
    // Whoever ends it, or reads no more, before the service is over takes part no longer.
    stream.on('end', () => this.#lose())
    stream.on('stopped', () => this.#lose())
    stream.on('drain', () => this.pump())
    stream.on('data', (chunk: Uint8Array) => {
      if (this.#isLost || service.outcome !== undefined) return
      service.receive(chunk)
    })
    if (stream.destroyed) queueMicrotask(() => this.#lose())
  }

  /** Records wait. */
  pump(): void {
    if (this.#isPumping || this.#isLost) return
    this.#isPumping = true
    const stream = this.#stream
    while (!stream.writableNeedDrain && !stream.writableEnded && !stream.destroyed) {
      const out: Uint8Array[] = []
      const bytes = this.#service.next(TURN_BYTES, out)
      if (bytes > 0) {
        stream.cork()
        for (const part of out) stream.write(part)
        stream.uncork()
      }
      if (this.#service.outcome !== undefined) stream.end()
      if (bytes === 0) break
    }
    this.#isPumping = false
  }

  /** A newer stream carries the service, or nobody will. */
  drop(code: number = CODE.CANCELLED): void {
    this.#isLost = true
    this.#stream.abort(code)
  }

  #lose(): void {
    if (this.#isLost) return
    this.#isLost = true
    if (this.#service.outcome !== undefined) {
      this.#stream.end()
      this.#stream.resume()
      return
    }
    this.#service.suspend()
    if (!this.#stream.destroyed) this.#stream.abort(CODE.CANCELLED)
    this.#onLost()
  }
}
