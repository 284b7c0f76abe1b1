/** A body in chunks (RFC 9112 section 7.1), whose bytes are counted and dropped. */
import { notHttp } from './response-head.ts'

const CR = 0x0d
const LF = 0x0a
/** A size with its extensions, and a line of a trailer. */
const LINE_MOST = 1024
const TRAILER_LINES_MOST = 64
const SIZE = /^([0-9A-Fa-f]{1,12})[ \t]*(?:;[\t\x20-\x7e\x80-\xff]*)?$/

export class ChunkedBody {
  #line = ''
  #left = 0
  #state: 'size' | 'data' | 'data-end' | 'trailer' | 'done' = 'size'
  #trailerLines = 0
  #bytes = 0

  get isDone(): boolean {
    return this.#state === 'done'
  }

  /** That came in chunks, and that the chunk under way announced. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * @returns what lies behind the body
   * @throws AivError `E_HANDSHAKE`
   */
  push(bytes: Uint8Array): Uint8Array {
    let at = 0
    while (at < bytes.length && !this.isDone) {
      if (this.#state === 'data') {
        const part = Math.min(this.#left, bytes.length - at)
        at += part
        this.#left -= part
        if (this.#left === 0) this.#state = 'data-end'
      } else {
        this.#pushOfLine(bytes[at++] as number)
      }
    }
    return bytes.subarray(at)
  }

  #pushOfLine(byte: number): void {
    const hasReturn = this.#line.endsWith('\r')
    if (hasReturn !== (byte === LF)) throw notHttp('a line of its body ends wrongly')
    if (byte !== LF) {
      if (this.#line.length === LINE_MOST) throw notHttp('a line of its body is too long')
      this.#line += byte === CR ? '\r' : String.fromCharCode(byte)
      return
    }
    const line = this.#line.slice(0, -1)
    this.#line = ''
    this.#onLine(line)
  }

  #onLine(line: string): void {
    if (this.#state === 'size') {
      const [, size] = SIZE.exec(line) ?? []
      if (size === undefined) throw notHttp('a chunk has no size')
      this.#left = Number.parseInt(size, 16)
      this.#bytes += this.#left
      this.#state = this.#left === 0 ? 'trailer' : 'data'
    } else if (this.#state === 'data-end') {
      if (line !== '') throw notHttp('a chunk is longer than its size')
      this.#state = 'size'
    } else if (line === '') {
      this.#state = 'done'
    } else if (++this.#trailerLines > TRAILER_LINES_MOST) {
      throw notHttp('its trailer does not end')
    }
  }
}
