/** Handshake messages on the wire: u16 length and body, 1 to 4,096 bytes (section 3.3). */
import { AivError, concat, u16 } from '../../core/index.ts'
import { MAX_HANDSHAKE_MESSAGE } from '../constants.ts'

export function frameHandshakeMessage(...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts)
  if (body.length < 1 || body.length > MAX_HANDSHAKE_MESSAGE) {
    throw new AivError('E_INTERNAL', `a handshake message of ${body.length} bytes`)
  }
  return concat(u16(body.length), body)
}

/** Collects handshake messages from chunks. What follows the last message is kept for the frames. */
export class HandshakeReader {
  #buffer: Uint8Array = new Uint8Array(0)

  push(chunk: Uint8Array): void {
    this.#buffer = this.#buffer.length === 0 ? chunk : concat(this.#buffer, chunk)
  }

  /**
   * The body of the next message, or undefined when more bytes are needed.
   * @throws AivError `E_MALFORMED` as soon as the length is out of range: nothing of it is awaited
   */
  next(): Uint8Array | undefined {
    if (this.#buffer.length < 2) return undefined
    const length = ((this.#buffer[0] as number) << 8) | (this.#buffer[1] as number)
    if (length < 1 || length > MAX_HANDSHAKE_MESSAGE) {
      throw new AivError('E_MALFORMED', `a handshake message of ${length} bytes`)
    }
    if (this.#buffer.length < 2 + length) return undefined
    const body = this.#buffer.subarray(2, 2 + length)
    this.#buffer = this.#buffer.subarray(2 + length)
    return body
  }

  /** Bytes after the last message taken, given away. */
  takeRest(): Uint8Array {
    const rest = this.#buffer
    this.#buffer = new Uint8Array(0)
    return rest
  }
}
