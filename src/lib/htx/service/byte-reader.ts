/** Reads exact counts of bytes from a stream and leaves what follows to the next reader. */
import type { Readable } from 'node:stream'
import { AivError, concat, EMPTY } from '../../core/index.ts'
import { type Parsed, parseItem } from './header.ts'

export class ByteReader {
  readonly #stream: Readable
  #buffer: Uint8Array = EMPTY
  #failure: Error | undefined
  #ended = false
  #wake: (() => void) | undefined

  constructor(stream: Readable) {
    this.#stream = stream
    stream.on('readable', () => this.#wake?.())
    stream.on('end', () => {
      this.#ended = true
      this.#wake?.()
    })
    stream.on('error', (error) => {
      this.#failure = error
      this.#wake?.()
    })
    stream.on('close', () => {
      this.#failure ??= this.#ended ? undefined : new AivError('E_STREAM_RESET', 'the stream was closed')
      this.#wake?.()
    })
  }

  /**
   * Reads until `parse` finds what it looks for.
   * @param most bytes after which a parser that still wants more is refused
   * @throws AivError `E_MALFORMED` when the stream ends first; what `parse` throws; the stream's own error
   */
  async parse<T>(parse: (bytes: Uint8Array) => Parsed<T> | undefined, most: number): Promise<T> {
    for (;;) {
      const parsed = this.#buffer.length === 0 ? undefined : parse(this.#buffer)
      if (parsed !== undefined) {
        this.#putBack(parsed.next)
        return parsed.value
      }
      if (this.#buffer.length > most)
        throw new AivError('E_MALFORMED', 'the stream does not say what was expected')
      const chunk = this.#stream.read() as Uint8Array | null
      if (chunk !== null) this.#buffer = this.#buffer.length === 0 ? chunk : concat(this.#buffer, chunk)
      else if (!(await this.#arrival())) throw new AivError('E_MALFORMED', 'the stream ended too early')
    }
  }

  /** A varint length and that many bytes. */
  async item(most: number): Promise<Uint8Array> {
    return await this.parse((bytes) => parseItem(bytes, 0, most), most + 8)
  }

  /** Exactly `count` bytes, at most a few kibibytes. */
  async exactly(count: number): Promise<Uint8Array> {
    return await this.parse(
      (bytes) => (bytes.length < count ? undefined : { value: bytes.subarray(0, count), next: count }),
      count,
    )
  }

  /** The next piece of at most `most` bytes as it comes; undefined at the end of the stream. */
  async chunk(most: number): Promise<Uint8Array | undefined> {
    if (this.#buffer.length === 0) {
      const next = await this.#more()
      if (next === undefined) return undefined
      this.#buffer = next
    }
    const out = this.#buffer.subarray(0, most)
    this.#buffer = this.#buffer.subarray(out.length)
    return out
  }

  /** True when the stream ended and nothing is left. Waits until that is known. */
  async atEnd(): Promise<boolean> {
    if (this.#buffer.length > 0) return false
    const next = await this.#more()
    if (next === undefined) return true
    this.#buffer = next
    return false
  }

  /** Stops reading and puts what was read too far back into the stream. */
  release(): void {
    this.#stream.removeAllListeners('readable')
    if (this.#buffer.length > 0) this.#stream.unshift(this.#buffer)
    this.#buffer = EMPTY
  }

  /**
   * Gives back what lies behind `next` at once, in the turn in which it was read: the stream has then not ended, even
   * if its end came together with it.
   */
  #putBack(next: number): void {
    const rest = this.#buffer.subarray(next)
    this.#buffer = EMPTY
    if (rest.length === 0) return
    if (this.#ended) this.#buffer = rest
    else this.#stream.unshift(rest)
  }

  async #more(): Promise<Uint8Array | undefined> {
    for (;;) {
      const chunk = this.#stream.read() as Uint8Array | null
      if (chunk !== null) return chunk
      if (!(await this.#arrival())) return undefined
    }
  }

  /** Waits until there may be more to read; false at the end of the stream. @throws its error */
  async #arrival(): Promise<boolean> {
    if (this.#failure !== undefined) throw this.#failure
    if (this.#ended) return false
    await new Promise<void>((resolve) => {
      this.#wake = resolve
    })
    this.#wake = undefined
    return true
  }
}
