/**
 * What a provider does with a packet that ends at it: a probe is answered, a body is put into a mailbox, the owner of a
 * mailbox gets what waits. Every answer goes back through the mixnet by the reply block that came along.
 */
import { concat, equal, readU32, u32, utf8 } from '../../core/index.ts'
import { sha256 } from '../../crypto/index.ts'
import type { Geometry } from '../../sphinx/index.ts'
import { bodyRoom, decodePayload } from '../message/index.ts'
import { decodeFetchRequest } from './fetch-request.ts'
import type { Mailboxes } from './mailboxes.ts'

/** Recipient of probes: the body comes back. */
export const PING_SERVICE = sha256(utf8('aiv-mix-service-ping-v1'))
/** Recipient of requests for what waits in a mailbox. */
export const FETCH_SERVICE = sha256(utf8('aiv-mix-service-fetch-v1'))

/** The first byte of an answer to {@link FETCH_SERVICE}. */
const FETCH_ANSWER = { nothing: 0, body: 1 } as const
/** Kind, and how many bodies remain. */
const ANSWER_HEADER_BYTES = 5

/** Most bytes of a body for a mailbox: an answer that carries it says what it is. */
export function mailboxBodyRoom(geometry: Geometry): number {
  return Math.max(0, bodyRoom(geometry) - ANSWER_HEADER_BYTES)
}

/** Why a packet that was delivered has no effect. */
export const PROVIDER_DROP_REASONS = [
  'malformed_payload',
  'body_too_large',
  'bad_request',
  'mailbox_full',
  'store_failed',
] as const
export type ProviderDropReason = (typeof PROVIDER_DROP_REASONS)[number]

export interface Served {
  /** The body that goes back, where the packet brought a reply block. */
  readonly answer?: { readonly surb: Uint8Array; readonly body: Uint8Array }
  readonly dropped?: ProviderDropReason
}

export class Provider {
  readonly #id: Uint8Array
  readonly #geometry: Geometry
  readonly #mailboxes: Mailboxes

  /** @param id of the node, 32 bytes */
  constructor(id: Uint8Array, geometry: Geometry, mailboxes: Mailboxes) {
    this.#id = id
    this.#geometry = geometry
    this.#mailboxes = mailboxes
  }

  /**
   * @param recipient 32 bytes: a service, or else a mailbox
   * @param payload of the packet, without its tag
   */
  async serve(recipient: Uint8Array, payload: Uint8Array): Promise<Served> {
    const decoded = decodePayload(this.#geometry, payload)
    if (decoded === undefined) return { dropped: 'malformed_payload' }
    const { surb, body } = decoded
    const answered = (text: Uint8Array): Served =>
      surb === undefined ? {} : { answer: { surb, body: text } }
    if (equal(recipient, PING_SERVICE)) return answered(body)
    if (equal(recipient, FETCH_SERVICE)) return this.#fetch(body, answered)
    // What has no room in an answer could never be fetched.
    if (body.length + ANSWER_HEADER_BYTES > bodyRoom(this.#geometry)) return { dropped: 'body_too_large' }
    try {
      const deposit = await this.#mailboxes.deposit(recipient, body)
      // No answer when full: the sender comes again later.
      return deposit === 'full' ? { dropped: 'mailbox_full' } : answered(new Uint8Array())
    } catch {
      return { dropped: 'store_failed' }
    }
  }

  async #fetch(body: Uint8Array, answered: (text: Uint8Array) => Served): Promise<Served> {
    const request = decodeFetchRequest(this.#id, body)
    if (request === undefined) return { dropped: 'bad_request' }
    try {
      await this.#mailboxes.acknowledge(request.mailbox, request.names)
      const waiting = await this.#mailboxes.take(request.mailbox)
      if (waiting === undefined) return answered(Uint8Array.of(FETCH_ANSWER.nothing))
      const { remaining } = waiting
      return answered(concat(Uint8Array.of(FETCH_ANSWER.body), u32(remaining), waiting.body))
    } catch {
      return { dropped: 'store_failed' }
    }
  }
}

export type FetchAnswer =
  | { readonly kind: 'nothing' }
  | { readonly kind: 'body'; readonly body: Uint8Array; readonly remaining: number }

/** @returns a view into `body`; undefined when it is no answer */
export function decodeFetchAnswer(body: Uint8Array): FetchAnswer | undefined {
  if (body[0] === FETCH_ANSWER.nothing && body.length === 1) return { kind: 'nothing' }
  if (body[0] !== FETCH_ANSWER.body || body.length < ANSWER_HEADER_BYTES) return undefined
  return { kind: 'body', body: body.subarray(ANSWER_HEADER_BYTES), remaining: readU32(body, 1) }
}
