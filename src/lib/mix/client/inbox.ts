/** The owner's side of a mailbox: asks its provider for what waits, says what has arrived, and puts messages together. */
import { type Clock, toHex } from '../../core/index.ts'
import type { Ed25519KeyPair } from '../../crypto/index.ts'
import type { MixNode } from '../directory/index.ts'
import { bodyRoom, decodePayload, encodePayload, Reassembler } from '../message/index.ts'
import {
  decodeFetchAnswer,
  encodeFetchRequest,
  FETCH_SERVICE,
  mailboxOf,
  nameOfBody,
  namesRoom,
} from '../provider/index.ts'
import { PendingReplies } from './pending-replies.ts'
import type { Routes } from './routes.ts'
import { type Message, openMessage } from './sealed-message.ts'

export interface InboxOptions {
  readonly routes: Routes
  /** Where the mailbox is. */
  readonly provider: MixNode
  /** Owns the mailbox. */
  readonly key: Ed25519KeyPair
  /** X25519 key that messages are sealed to, 32 bytes. */
  readonly sealPrivateKey: Uint8Array
  readonly clock: Clock
}

export interface Received {
  /** A message that is complete now. */
  readonly message?: Message | undefined
  /** Bodies that still wait at the provider, as it said last. */
  readonly remaining: number
}

/** Answers that take longer are asked for again. */
const ANSWER_LIFETIME_MS = 5 * 60_000

export class Inbox {
  readonly #options: InboxOptions
  readonly #mailbox: Uint8Array
  /** With the names of bodies that each request told. */
  readonly #answers: PendingReplies<readonly string[]>
  readonly #reassembler: Reassembler
  /** Bodies that are here and of which the provider does not know that for certain; no more than answers it has given. */
  readonly #arrived = new Map<string, Uint8Array>()

  constructor(options: InboxOptions) {
    const { routes, clock, key } = options
    this.#options = options
    this.#mailbox = mailboxOf(key.publicKey)
    this.#answers = new PendingReplies<readonly string[]>(routes.geometry, clock, ANSWER_LIFETIME_MS)
    this.#reassembler = new Reassembler(clock)
  }

  /** A request for one body, for the own provider to pass on. */
  nextPacket(): Uint8Array {
    const { routes, provider, key } = this.#options
    const reply = routes.replyBlock(provider)
    const told = [...this.#arrived].slice(0, namesRoom(bodyRoom(routes.geometry)))
    const names = told.map(([, name]) => name)
    const body = encodeFetchRequest(key, provider.id, names)
    this.#answers.await(
      reply,
      told.map(([text]) => text),
    )
    return routes.packet(provider, FETCH_SERVICE, encodePayload(routes.geometry, { surb: reply.surb, body }))
  }

  /** An answer that the own provider handed over. @returns undefined when it is none to us */
  async answered(surbId: Uint8Array, payload: Uint8Array): Promise<Received | undefined> {
    const opened = this.#answers.open(surbId, payload)
    if (opened === undefined) return undefined
    // Whoever answers a request has read what it told.
    for (const name of opened.about) this.#arrived.delete(name)
    const decoded = decodePayload(this.#options.routes.geometry, opened.payload)
    const answer = decoded && decodeFetchAnswer(decoded.body)
    if (answer === undefined) return undefined
    if (answer.kind === 'nothing') return { remaining: 0 }
    const name = nameOfBody(answer.body)
    this.#arrived.set(toHex(name), name)
    const step = this.#reassembler.add(answer.body)
    const { sealPrivateKey } = this.#options
    const message =
      step.kind === 'complete' ? await openMessage(step.message, this.#mailbox, sealPrivateKey) : undefined
    return { message, remaining: answer.remaining }
  }

  /** Erases the keys of answers. */
  end(): void {
    this.#answers.end()
  }
}
