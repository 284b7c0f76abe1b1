/**
 * Reads ClientHellos out of the datagrams of QUIC clients, as an onlooker: keys of Initial packets are public. Nothing
 * is kept of a flow before one of its packets has verified, so noise costs time but no memory.
 */
import { equal } from '../../../core/index.ts'
import { DEFAULT_FLOW_LIMITS, type FlowKey, type FlowLimits, FlowTable } from '../flow-table.ts'
import { ConnectionAttempt } from './connection-attempt.ts'
import { MAX_ATTEMPTS, MAX_COALESCED_PACKETS } from './constants.ts'
import type { CryptoFault } from './crypto-stream.ts'
import { readCryptoFrames } from './frames.ts'
import { type ProtectedInitial, readLongHeader } from './long-header.ts'
import type { OpenedInitial } from './packet-protection.ts'

/**
 * Why an Initial packet, or a part of one, gave nothing:
 * - `unsupported-version`: a draft, or a version that forces a negotiation
 * - `malformed-header`: cut short, or an id or length that cannot be
 * - `different-connection-id`: it shares a datagram with a packet for another connection (RFC 9000 section 12.2)
 * - `too-many-packets`: more than 16 in one datagram; the rest is not read
 * - `from-server`: it goes to an id that a client of this flow chose for itself
 * - `undecryptable`: its tag does not verify under the keys of any attempt that it could belong to
 * - `malformed-frames`: a frame is cut or not allowed in an Initial packet
 * - `contradiction`: CRYPTO bytes that differ from those seen before at the same place; the first ones stay
 * - `too-large`: CRYPTO bytes beyond 64 KiB, or a message that would reach there
 * - `not-client-hello`: the stream holds some other message; the rest of the attempt is not read
 */
export type QuicSkip =
  | 'unsupported-version'
  | 'malformed-header'
  | 'different-connection-id'
  | 'too-many-packets'
  | 'from-server'
  | 'undecryptable'
  | 'malformed-frames'
  | CryptoFault

export interface QuicOutcome {
  /** ClientHello messages that this datagram completed, each with its 4-byte handshake header. */
  readonly messages: readonly Uint8Array[]
  /** One reason for each thing passed over; packets that are no Initial are not counted. */
  readonly skips: readonly QuicSkip[]
}

const NOTHING: QuicOutcome = { messages: [], skips: [] }

class QuicFlow {
  /** Most recent first. */
  readonly attempts: ConnectionAttempt[] = []

  get heldBytes(): number {
    return this.attempts.reduce((sum, { crypto }) => sum + crypto.heldBytes, 0)
  }

  get isPending(): boolean {
    return this.attempts.some(({ crypto }) => crypto.isPending)
  }

  add(attempt: ConnectionAttempt): void {
    this.attempts.unshift(attempt)
    this.attempts.length = Math.min(this.attempts.length, MAX_ATTEMPTS)
  }
}

export class QuicHellos {
  readonly #flows: FlowTable<QuicFlow>

  constructor(limits: FlowLimits = DEFAULT_FLOW_LIMITS) {
    this.#flows = new FlowTable(limits)
  }

  /** Memory that unfinished streams hold, bytes. */
  get heldBytes(): number {
    return this.#flows.heldBytes
  }

  /** Flows given up for newer ones before their ClientHello was complete. */
  get evicted(): number {
    return this.#flows.evicted
  }

  /** Flows whose ClientHello is not complete. */
  get pending(): number {
    return this.#flows.pending
  }

  /**
   * Takes the payload of a UDP datagram; anything that is not QUIC gives an empty outcome.
   * @param flowKey equal for all datagrams of a client's socket to one server; the server's may have the same key or another
   */
  datagram(flowKey: FlowKey, payload: Uint8Array): QuicOutcome {
    const messages: Uint8Array[] = []
    const skips: QuicSkip[] = []
    let first: ProtectedInitial | undefined
    let at = 0
    for (let packets = 0; at < payload.length; packets++) {
      if (packets === MAX_COALESCED_PACKETS) {
        skips.push('too-many-packets')
        break
      }
      const header = readLongHeader(payload, at)
      if (header.kind === 'malformed') skips.push('malformed-header')
      if (header.kind === 'unsupported-version') skips.push('unsupported-version')
      if (header.kind !== 'initial' && header.kind !== 'other') break
      at = header.next
      if (header.kind === 'other') continue
      first ??= header.initial
      if (equal(header.initial.destinationId, first.destinationId))
        this.#initial(flowKey, header.initial, messages, skips)
      else skips.push('different-connection-id')
    }
    return messages.length === 0 && skips.length === 0 ? NOTHING : { messages, skips }
  }

  #initial(flowKey: FlowKey, initial: ProtectedInitial, messages: Uint8Array[], skips: QuicSkip[]): void {
    const known = this.#flows.get(flowKey)
    const found = this.#find(known, initial)
    if (found === undefined) {
      const isAnswer = known?.attempts.some(({ sourceId }) => equal(sourceId, initial.destinationId))
      skips.push(isAnswer === true ? 'from-server' : 'undecryptable')
      return
    }
    const { attempt, opened, isNew } = found
    const frames = opened.hasReservedBits ? undefined : readCryptoFrames(opened.payload)
    if (frames === undefined) {
      skips.push('malformed-frames')
      return
    }
    for (const frame of frames) {
      const fault = attempt.crypto.write(frame)
      if (fault !== undefined) skips.push(fault)
    }
    for (let next = attempt.crypto.next(); next !== undefined; next = attempt.crypto.next()) {
      if (typeof next === 'string') skips.push(next)
      else messages.push(next)
    }
    const flow = known ?? new QuicFlow()
    if (isNew) flow.add(attempt)
    this.#flows.touch(flowKey, flow)
  }

  #find(
    flow: QuicFlow | undefined,
    initial: ProtectedInitial,
  ): { attempt: ConnectionAttempt; opened: OpenedInitial; isNew: boolean } | undefined {
    for (const attempt of flow?.attempts ?? []) {
      if (!equal(attempt.sourceId, initial.sourceId)) continue
      const opened = attempt.open(initial)
      if (opened !== undefined) return { attempt, opened, isNew: false }
    }
    const attempt = new ConnectionAttempt(initial)
    const opened = attempt.open(initial)
    return opened && { attempt, opened, isNew: true }
  }
}
