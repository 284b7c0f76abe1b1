/** A pipe whose other end is the test. */
import type { PacketPipe, PipeHandler } from '../../../src/lib/mix/link/packet-pipe.ts'

export class MemoryPipe implements PacketPipe {
  readonly written: Uint8Array[] = []
  queuedBytes = 0
  isClosed = false
  #handler: PipeHandler | undefined

  write(bytes: Uint8Array): void {
    this.written.push(bytes.slice())
  }

  attach(handler: PipeHandler): void {
    this.#handler = handler
  }

  close(): void {
    this.isClosed = true
  }

  destroy(): void {
    this.isClosed = true
  }

  /** The peer sends. */
  send(bytes: Uint8Array): void {
    this.#handler?.data(bytes)
  }

  /** The link breaks. */
  break(): void {
    this.#handler?.close()
  }
}
