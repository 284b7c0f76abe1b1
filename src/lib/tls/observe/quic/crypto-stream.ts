/** The CRYPTO stream of a client's Initial packets: its ClientHello, and a second one after a HelloRetryRequest. */
import { readU24 } from '../../../core/index.ts'
import { CLIENT_HELLO, HANDSHAKE_HEADER_BYTES } from '../../handshake-header.ts'
import { Reassembly } from '../reassembly.ts'
import { MAX_CRYPTO_BYTES } from './constants.ts'
import type { CryptoFrame } from './frames.ts'

export type CryptoFault = 'contradiction' | 'too-large' | 'not-client-hello'

export class CryptoStream {
  readonly #window = new Reassembly(MAX_CRYPTO_BYTES)
  /** Stream offset of the first byte in the window. */
  #base = 0
  #isPending = true
  #isDead = false

  get heldBytes(): number {
    return this.#window.heldBytes
  }

  /** True until the first ClientHello is complete, and while a second one has begun. */
  get isPending(): boolean {
    return !this.#isDead && (this.#isPending || this.#window.heldBytes > 0)
  }

  /** Takes a frame; bytes before the end of the last complete message are old and change nothing. */
  write({ offset, data }: CryptoFrame): CryptoFault | undefined {
    if (this.#isDead) return undefined
    if (offset + data.length > MAX_CRYPTO_BYTES) return 'too-large'
    const old = Math.max(0, this.#base - offset)
    if (old >= data.length) return undefined
    const agrees = this.#window.write(offset + old - this.#base, data.subarray(old))
    return agrees ? undefined : 'contradiction'
  }

  /** The next complete message with its 4-byte header, or why none will come any more. */
  next(): Uint8Array | CryptoFault | undefined {
    const header = this.#window.peek(HANDSHAKE_HEADER_BYTES)
    if (header.length === 0) return undefined
    if (header[0] !== CLIENT_HELLO) return this.#end('not-client-hello')
    if (header.length < HANDSHAKE_HEADER_BYTES) return undefined
    const length = HANDSHAKE_HEADER_BYTES + readU24(header, 1)
    if (this.#base + length > MAX_CRYPTO_BYTES) return this.#end('too-large')
    if (this.#window.contiguous < length) return undefined
    this.#base += length
    this.#isPending = false
    return this.#window.take(length)
  }

  #end(fault: CryptoFault): CryptoFault {
    this.#isDead = true
    this.#window.clear()
    return fault
  }
}
