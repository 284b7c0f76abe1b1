/**
 * Reads ClientHellos out of DTLS datagrams, as an onlooker: those of 1.0, 1.2 and 1.3 are plain, maybe in fragments.
 * The answer to a HelloVerifyRequest is a second hello under the next message_seq and counts as one of its own.
 */
import { toHex, writeU24 } from '../../../core/index.ts'
import { sha256 } from '../../../crypto/index.ts'
import { CLIENT_HELLO, HANDSHAKE_HEADER_BYTES } from '../../handshake-header.ts'
import { DEFAULT_FLOW_LIMITS, type FlowKey, type FlowLimits, FlowTable } from '../flow-table.ts'
import { Reassembly } from '../reassembly.ts'
import { MAX_HELLO_BYTES, MAX_PARTIAL_MESSAGES, MAX_REMEMBERED_HELLOS } from './constants.ts'
import { type HandshakeFragment, readFragments, readRecord } from './records.ts'

/**
 * Why a record, or a fragment in it, gave nothing:
 * - `malformed-record`: the record is cut short or too long
 * - `malformed-fragment`: a fragment is cut, or reaches beyond its message; the record is not used
 * - `contradiction`: bytes or a length that differ from those seen before of the same message; the first ones stay
 * - `too-large`: a ClientHello above 64 KiB
 */
export type DtlsSkip = 'malformed-record' | 'malformed-fragment' | 'contradiction' | 'too-large'

export interface DtlsOutcome {
  /**
   * ClientHello messages that this datagram completed, each with the 4-byte handshake header of TLS in place of the
   * 12-byte one. The body is DTLS: a cookie stands between session id and cipher suites (RFC 6347 section 4.2.1).
   */
  readonly messages: readonly Uint8Array[]
  /** One reason for each thing passed over; other messages and encrypted records are not counted. */
  readonly skips: readonly DtlsSkip[]
}

const NOTHING: DtlsOutcome = { messages: [], skips: [] }

interface PartialMessage {
  readonly length: number
  readonly body: Reassembly
}

class DtlsFlow {
  /** By message_seq, oldest first. */
  readonly #partials = new Map<number, PartialMessage>()
  /** Digests of complete hellos by message_seq, oldest first. */
  readonly #seen = new Set<string>()

  get heldBytes(): number {
    let sum = 0
    for (const { body } of this.#partials.values()) sum += body.heldBytes
    return sum
  }

  get isPending(): boolean {
    return this.#partials.size > 0
  }

  /** Takes a fragment of a ClientHello; one that completes a new message adds it to `messages`. */
  take(
    { length, messageSeq, offset, data }: HandshakeFragment,
    messages: Uint8Array[],
    skips: DtlsSkip[],
  ): void {
    // A hello in one piece needs no memory, and a stranger's earlier piece cannot hold it up.
    if (data.length === length) {
      this.#deliver(messageSeq, withHeader(data), messages)
      return
    }
    const partial = this.#partials.get(messageSeq) ?? { length, body: new Reassembly(length) }
    if (partial.length !== length) {
      skips.push('contradiction')
      return
    }
    this.#partials.set(messageSeq, partial)
    removeOldest(this.#partials, MAX_PARTIAL_MESSAGES)
    if (!partial.body.write(offset, data)) skips.push('contradiction')
    if (partial.body.contiguous === length)
      this.#deliver(messageSeq, withHeader(partial.body.take(length)), messages)
  }

  /** Lost answers make clients repeat themselves; a hello that differs is a new one. */
  #deliver(messageSeq: number, message: Uint8Array, messages: Uint8Array[]): void {
    this.#partials.delete(messageSeq)
    const digest = `${messageSeq} ${toHex(sha256(message))}`
    if (this.#seen.has(digest)) return
    this.#seen.add(digest)
    removeOldest(this.#seen, MAX_REMEMBERED_HELLOS)
    messages.push(message)
  }
}

export class DtlsHellos {
  readonly #flows: FlowTable<DtlsFlow>

  constructor(limits: FlowLimits = DEFAULT_FLOW_LIMITS) {
    this.#flows = new FlowTable(limits)
  }

  /** Memory that unfinished messages hold, bytes. */
  get heldBytes(): number {
    return this.#flows.heldBytes
  }

  /** Flows given up for newer ones with a ClientHello under way. */
  get evicted(): number {
    return this.#flows.evicted
  }

  /** Flows with a ClientHello under way. */
  get pending(): number {
    return this.#flows.pending
  }

  /**
   * Takes the payload of a UDP datagram; anything that is not DTLS gives an empty outcome.
   * @param flowKey equal for all datagrams of a client's socket to one server; the server's may have the same key or another
   */
  datagram(flowKey: FlowKey, payload: Uint8Array): DtlsOutcome {
    const messages: Uint8Array[] = []
    const skips: DtlsSkip[] = []
    let at = 0
    while (at < payload.length) {
      const record = readRecord(payload, at)
      if (record.kind === 'malformed') skips.push('malformed-record')
      if (record.kind === 'malformed' || record.kind === 'rest') break
      at = record.next
      if (record.kind === 'handshake') this.#content(flowKey, record.content, messages, skips)
    }
    return messages.length === 0 && skips.length === 0 ? NOTHING : { messages, skips }
  }

  #content(flowKey: FlowKey, content: Uint8Array, messages: Uint8Array[], skips: DtlsSkip[]): void {
    const fragments = readFragments(content)
    if (fragments === undefined) {
      skips.push('malformed-fragment')
      return
    }
    for (const fragment of fragments) {
      if (fragment.type !== CLIENT_HELLO) continue
      if (fragment.length > MAX_HELLO_BYTES) {
        skips.push('too-large')
        continue
      }
      const flow = this.#flows.get(flowKey) ?? new DtlsFlow()
      flow.take(fragment, messages, skips)
      this.#flows.touch(flowKey, flow)
    }
  }
}

function withHeader(body: Uint8Array): Uint8Array {
  const message = new Uint8Array(HANDSHAKE_HEADER_BYTES + body.length)
  message[0] = CLIENT_HELLO
  writeU24(message, 1, body.length)
  message.set(body, HANDSHAKE_HEADER_BYTES)
  return message
}

/** Maps and sets keep the order of insertion. */
function removeOldest<K>(entries: Map<K, unknown> | Set<K>, most: number): void {
  for (const key of entries.keys()) {
    if (entries.size <= most) return
    entries.delete(key)
  }
}
