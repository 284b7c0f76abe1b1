/** A link that shows somebody else what passes over it. */
import type { Link, LinkHandler, LinkKind } from '../../link/index.ts'
import type { Direction } from '../keys/direction.ts'
import type { SessionSecrets } from '../keys/schedule.ts'

/** What is told of one link, and of the session on it. */
export interface SessionTrace {
  /** Bytes that passed, in order. The arrays are the link's: copy what is kept. */
  bytes(direction: Direction, chunks: readonly Uint8Array[]): void
  /** The handshake is done; frames follow. */
  established(secrets: SessionSecrets): void
  /** There will never be a session on it. */
  discarded(): void
  /** The link is gone. */
  closed(): void
}

/** Sees every link of an endpoint before its first byte. */
export interface Tracer {
  trace(link: Link, role: 'client' | 'server'): Link
}

export class TracedLink implements Link {
  readonly kind: LinkKind
  readonly copies: boolean
  readonly localAddress: string
  readonly remoteAddress: string
  readonly exportKeyingMaterial?: (length: number, label: string, context: Uint8Array) => Uint8Array
  readonly #link: Link
  readonly #trace: SessionTrace
  readonly #sent: Direction
  readonly #received: Direction

  constructor(link: Link, role: 'client' | 'server', trace: SessionTrace) {
    this.#link = link
    this.#trace = trace
    this.#sent = role === 'client' ? 'c' : 's'
    this.#received = role === 'client' ? 's' : 'c'
    this.kind = link.kind
    this.copies = link.copies
    this.localAddress = link.localAddress
    this.remoteAddress = link.remoteAddress
    const exported = link.exportKeyingMaterial?.bind(link)
    if (exported !== undefined) this.exportKeyingMaterial = exported
  }

  get queuedBytes(): number {
    return this.#link.queuedBytes
  }

  get takenBytes(): number {
    return this.#link.takenBytes
  }

  get lowWaterMark(): number {
    return this.#link.lowWaterMark
  }

  set lowWaterMark(bytes: number) {
    this.#link.lowWaterMark = bytes
  }

  /** The keys of the session whose handshake has just ended on this link. */
  established(secrets: SessionSecrets): void {
    this.#trace.established(secrets)
  }

  /** Its peer will never get an answer: what has passed so far is nothing to keep. */
  discarded(): void {
    this.#trace.discarded()
  }

  attach(handler: LinkHandler): void {
    this.#link.attach({
      data: (chunk) => {
        // Before the handler, which may free the chunk.
        this.#trace.bytes(this.#received, [chunk])
        handler.data(chunk)
      },
      end: () => handler.end(),
      drain: () => handler.drain(),
      close: (error) => {
        this.#trace.closed()
        handler.close(error)
      },
    })
  }

  write(chunks: readonly Uint8Array[]): void {
    this.#trace.bytes(this.#sent, chunks)
    this.#link.write(chunks)
  }

  pause(): void {
    this.#link.pause()
  }

  resume(): void {
    this.#link.resume()
  }

  end(): void {
    this.#link.end()
  }

  close(lingerMs?: number): void {
    this.#link.close(lingerMs)
  }

  abort(): void {
    this.#link.abort()
  }
}
