/** Messages out of their pieces, which come in any order, twice or never. */
import { type Clock, toHex } from '../../core/index.ts'
import { decodeFragment, type Fragment } from './fragment.ts'

export interface ReassemblyLimits {
  /** Messages under way at once. */
  readonly maxMessages: number
  /** Of one message. */
  readonly maxMessageBytes: number
  /** Of all pieces held. */
  readonly maxBytes: number
  /** From the first piece on; senders give up sooner. */
  readonly maxAgeMs: number
}

export const REASSEMBLY_LIMITS: ReassemblyLimits = {
  maxMessages: 256,
  maxMessageBytes: 64 * 1024 * 1024,
  maxBytes: 256 * 1024 * 1024,
  maxAgeMs: 24 * 60 * 60_000,
}

export type ReassemblyStep =
  | { readonly kind: 'complete'; readonly message: Uint8Array }
  | { readonly kind: 'partial' }
  /** Came before: of a piece that is held, or of a message that is complete. */
  | { readonly kind: 'duplicate' }
  | { readonly kind: 'refused'; readonly reason: 'malformed' | 'contradiction' | 'too_large' | 'full' }

/** A late copy of a piece must not begin a message that was complete long ago. */
const REMEMBERED_MESSAGES = 4096

interface PartialMessage {
  readonly count: number
  readonly startedAt: number
  readonly pieces: Map<number, Uint8Array>
  bytes: number
}

export class Reassembler {
  readonly #clock: Clock
  readonly #limits: ReassemblyLimits
  readonly #partial = new Map<string, PartialMessage>()
  readonly #complete = new Set<string>()
  #bytes = 0

  constructor(clock: Clock, limits: ReassemblyLimits = REASSEMBLY_LIMITS) {
    this.#clock = clock
    this.#limits = limits
  }

  /** Bytes of the pieces that are held. */
  get heldBytes(): number {
    return this.#bytes
  }

  /** @param body of a packet; copied where it is kept */
  add(body: Uint8Array): ReassemblyStep {
    this.#expire()
    const fragment = decodeFragment(body)
    if (fragment === undefined) return { kind: 'refused', reason: 'malformed' }
    const key = toHex(fragment.id)
    if (this.#complete.has(key)) return { kind: 'duplicate' }
    const message = this.#partial.get(key)
    if (message !== undefined && message.count !== fragment.count)
      return { kind: 'refused', reason: 'contradiction' }
    if (message?.pieces.has(fragment.index)) return { kind: 'duplicate' }
    return this.#take(key, message, fragment)
  }

  #take(key: string, known: PartialMessage | undefined, { index, count, data }: Fragment): ReassemblyStep {
    const { maxMessages, maxMessageBytes, maxBytes } = this.#limits
    // Every piece but the last holds a byte at least; a count alone reserves nothing.
    if (count > maxMessageBytes || (known?.bytes ?? 0) + data.length > maxMessageBytes)
      return { kind: 'refused', reason: 'too_large' }
    if (this.#bytes + data.length > maxBytes) return { kind: 'refused', reason: 'full' }
    // A message of one piece is whole at once and takes no place.
    if (known === undefined && count > 1 && this.#partial.size >= maxMessages)
      return { kind: 'refused', reason: 'full' }
    const message = known ?? { count, startedAt: this.#clock.now(), pieces: new Map(), bytes: 0 }
    message.pieces.set(index, data.slice())
    message.bytes += data.length
    this.#bytes += data.length
    this.#partial.set(key, message)
    if (message.pieces.size < count) return { kind: 'partial' }
    this.#forget(key, message)
    this.#remember(key)
    const pieces = [...message.pieces].sort(([a], [b]) => a - b).map(([, piece]) => piece)
    return { kind: 'complete', message: joined(pieces) }
  }

  /** The map is in the order of the first pieces, so that the oldest stand in front. */
  #expire(): void {
    const oldest = this.#clock.now() - this.#limits.maxAgeMs
    for (const [key, message] of this.#partial) {
      if (message.startedAt > oldest) return
      this.#forget(key, message)
    }
  }

  #forget(key: string, message: PartialMessage): void {
    this.#partial.delete(key)
    this.#bytes -= message.bytes
  }

  #remember(key: string): void {
    this.#complete.add(key)
    if (this.#complete.size > REMEMBERED_MESSAGES)
      this.#complete.delete(this.#complete.values().next().value as string)
  }
}

/** Not by a spread of all pieces, of which there may be more than a call has room for. */
function joined(pieces: readonly Uint8Array[]): Uint8Array {
  const [only] = pieces
  if (pieces.length === 1 && only !== undefined) return only
  const out = new Uint8Array(pieces.reduce((bytes, piece) => bytes + piece.length, 0))
  let at = 0
  for (const piece of pieces) {
    out.set(piece, at)
    at += piece.length
  }
  return out
}
