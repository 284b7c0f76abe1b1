/** What carries packets between two nodes: a byte stream, whatever is below it. */
import type { Duplex } from 'node:stream'
import type { Link } from '../../link/index.ts'

export interface PipeHandler {
  /** The view is valid during the call only. */
  data(chunk: Uint8Array): void
  /** Last call, exactly once. */
  close(): void
}

export interface PacketPipe {
  /** Bytes that were written and not sent yet. */
  readonly queuedBytes: number
  /** Queues bytes, which the caller no longer changes. Nothing happens on a pipe that is closed. */
  write(bytes: Uint8Array): void
  /** Called once. */
  attach(handler: PipeHandler): void
  /** Sends what is queued, then closes. */
  close(): void
  /** Ends it at once, whatever the peer does. */
  destroy(): void
}

export function linkPipe(link: Link): PacketPipe {
  let isClosed = false
  return {
    get queuedBytes() {
      return link.queuedBytes
    },
    write(bytes) {
      if (!isClosed) link.write([bytes])
    },
    attach(handler) {
      link.attach({
        data: (chunk) => handler.data(chunk),
        end: () => {
          isClosed = true
          link.close()
        },
        drain: () => {},
        close: () => {
          isClosed = true
          handler.close()
        },
      })
    },
    close() {
      if (isClosed) return
      isClosed = true
      link.close()
    },
    destroy() {
      isClosed = true
      link.abort()
    },
  }
}

export function duplexPipe(stream: Duplex): PacketPipe {
  return {
    get queuedBytes() {
      return stream.writableLength
    },
    write(bytes) {
      if (stream.writable) stream.write(bytes)
    },
    attach(handler) {
      stream.on('data', (chunk: Uint8Array) => handler.data(chunk))
      stream.on('end', () => stream.end())
      // Why it broke changes nothing here: packets that were on their way are gone.
      stream.on('error', () => {})
      stream.once('close', () => handler.close())
    },
    close() {
      stream.end()
    },
    destroy() {
      stream.destroy()
    },
  }
}
