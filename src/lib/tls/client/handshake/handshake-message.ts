/** Handshake messages: joined from the records that carry them, and written (RFC 8446 section 4). */
import { concat, readU24, writeU24 } from '../../../core/index.ts'
import { ALERT, TlsError } from '../../alert.ts'
import { GrowingBytes } from '../../growing-bytes.ts'
import { HANDSHAKE_HEADER_BYTES } from '../../handshake-header.ts'

export function handshakeMessage(type: number, body: Uint8Array): Uint8Array {
  const header = new Uint8Array(HANDSHAKE_HEADER_BYTES)
  header[0] = type
  writeU24(header, 1, body.length)
  return concat(header, body)
}

export class HandshakeMessages {
  readonly #held = new GrowingBytes()
  readonly #most: number

  /** @param most bytes of a message body */
  constructor(most: number) {
    this.#most = most
  }

  get isEmpty(): boolean {
    return this.#held.length === 0
  }

  push(content: Uint8Array): void {
    this.#held.append(content)
  }

  /**
   * The next whole message with its header, in bytes of its own.
   * @throws TlsError as soon as one says that it is too long
   */
  next(): Uint8Array | undefined {
    const held = this.#held.bytes
    if (held.length < HANDSHAKE_HEADER_BYTES) return undefined
    const length = readU24(held, 1)
    if (length > this.#most)
      throw new TlsError(ALERT.illegalParameter, `the server sent a message of ${length} bytes`)
    const end = HANDSHAKE_HEADER_BYTES + length
    if (held.length < end) return undefined
    const message = held.slice(0, end)
    this.#held.drop(end)
    return message
  }
}
