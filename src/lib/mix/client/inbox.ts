/**
 * The owner's side of a mailbox: asks its provider for what waits, keeps what comes until a message is whole and taken over, and
 * tells the provider what it may forget. A body is told only when it is durable here.
 */
import { type Clock, concat, fromHex, readU64, toHex, u64 } from '../../core/index.ts'
import type { Ed25519KeyPair } from '../../crypto/index.ts'
import type { Store, StoreSchema } from '../../storage/index.ts'
import type { MixNode } from '../directory/index.ts'
import {
  bodyRoom,
  decodeFragment,
  decodePayload,
  encodePayload,
  REASSEMBLY_LIMITS,
  Reassembler,
} from '../message/index.ts'
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

export const INBOX_SCHEMA: StoreSchema = { name: 'mix.inbox', version: 1 }

export interface InboxOptions {
  readonly routes: Routes
  /** Where the mailbox is. */
  readonly provider: MixNode
  /** Owns the mailbox. */
  readonly key: Ed25519KeyPair
  /** X25519 key that messages are sealed to, 32 bytes. */
  readonly sealPrivateKey: Uint8Array
  /** Of {@link INBOX_SCHEMA}: pieces of messages that are not whole. It stays the caller's to close. */
  readonly store: Store
  readonly clock: Clock
  /** Takes over a message; it is forgotten here when that resolves, and given again after a restart otherwise. */
  readonly onMessage: (message: Message) => Promise<void>
}

/** While nothing is known to wait, the provider is asked this often. */
const ASK_MS = 250
/** Requests that one answer leads to at most. */
const REQUESTS_AHEAD = 64
/** A body waits no longer at a provider, so that no piece of a message comes later. */
const DONE_MS = 8 * 24 * 60 * 60_000
/** Answers that take longer are asked for again. */
const ANSWER_LIFETIME_MS = 5 * 60_000

export class Inbox {
  readonly #options: InboxOptions
  readonly #mailbox: Uint8Array
  /** With the names of bodies that each request told. */
  readonly #answers: PendingReplies<readonly string[]>
  readonly #reassembler: Reassembler
  /** Bodies that are durable here, or of no use, and of which the provider does not know that for certain. */
  readonly #told = new Map<string, Uint8Array>()
  /** Messages that were taken over: a late copy of a piece must not begin them anew. */
  readonly #done = new Set<string>()
  /** Names of the kept pieces, by message. */
  readonly #kept = new Map<string, Map<string, Uint8Array>>()
  /** Bodies that waited at the provider when it last said so, less those that were asked for since. */
  #remaining = 0
  #askedAt = Number.NEGATIVE_INFINITY

  private constructor(options: InboxOptions) {
    const { routes, clock, key } = options
    this.#options = options
    this.#mailbox = mailboxOf(key.publicKey)
    this.#answers = new PendingReplies<readonly string[]>(routes.geometry, clock, ANSWER_LIFETIME_MS)
    this.#reassembler = new Reassembler(clock, { ...REASSEMBLY_LIMITS, maxMessages: 4096, maxAgeMs: DONE_MS })
  }

  /**
   * Takes up what an earlier run kept.
   * @throws what the store and `onMessage` throw
   */
  static async open(options: InboxOptions): Promise<Inbox> {
    const inbox = new Inbox(options)
    await inbox.#forgetDone()
    await inbox.#takeUp()
    return inbox
  }

  /** Bodies of which the provider does not know yet that they are here. */
  get untold(): number {
    return this.#told.size
  }

  /** A request for one body, for the own provider to pass on; undefined when it is too early to ask. */
  nextPacket(): Uint8Array | undefined {
    const { routes, provider, key, clock } = this.#options
    const now = clock.now()
    if (this.#remaining === 0 && now - this.#askedAt < ASK_MS) return undefined
    this.#remaining = Math.max(0, this.#remaining - 1)
    this.#askedAt = now
    const told = [...this.#told].slice(0, namesRoom(bodyRoom(routes.geometry)))
    const names = told.map(([, name]) => name)
    const body = encodeFetchRequest(key, provider.id, names)
    const reply = routes.replyBlock(provider)
    this.#answers.await(
      reply,
      told.map(([text]) => text),
    )
    return routes.packet(provider, FETCH_SERVICE, encodePayload(routes.geometry, { surb: reply.surb, body }))
  }

  /**
   * An answer that the own provider handed over.
   * @returns whether it was one to us
   * @throws what the store and `onMessage` throw
   */
  async answered(surbId: Uint8Array, payload: Uint8Array): Promise<boolean> {
    const opened = this.#answers.open(surbId, payload)
    if (opened === undefined) return false
    // Whoever answers a request has read what it told.
    for (const name of opened.about) this.#told.delete(name)
    const decoded = decodePayload(this.#options.routes.geometry, opened.payload)
    const answer = decoded && decodeFetchAnswer(decoded.body)
    if (answer?.kind !== 'body') return true
    // What a provider claims must not keep other sources from their turn.
    this.#remaining = Math.min(answer.remaining, REQUESTS_AHEAD)
    const name = nameOfBody(answer.body)
    if (await this.#takeOver(name, answer.body)) this.#told.set(toHex(name), name)
    return true
  }

  /** Erases the keys of answers. */
  end(): void {
    this.#answers.end()
  }

  /** True when the provider may forget the body. */
  async #takeOver(name: Uint8Array, body: Uint8Array): Promise<boolean> {
    const fragment = decodeFragment(body)
    if (fragment === undefined) return true
    const id = toHex(fragment.id)
    if (this.#done.has(id)) return true
    const { store, clock } = this.#options
    const key = pieceKey(name)
    // Before it is added: what makes a message whole is durable as well.
    await store.batch([{ put: key, value: concat(u64(Math.floor(clock.wallMs())), body) }])
    const step = await this.#add(body)
    if (step === 'full') {
      await store.batch([{ delete: key }])
      return false
    }
    if (step === 'unneeded' && this.#kept.get(id)?.has(toHex(name)) !== true)
      await store.batch([{ delete: key }])
    return true
  }

  async #add(body: Uint8Array): Promise<'kept' | 'unneeded' | 'full'> {
    const fragment = decodeFragment(body)
    if (fragment === undefined) return 'unneeded'
    const id = toHex(fragment.id)
    const step = this.#reassembler.add(body)
    if (step.kind === 'refused') return step.reason === 'full' ? 'full' : 'unneeded'
    if (step.kind === 'duplicate') return 'unneeded'
    const names = this.#kept.get(id) ?? new Map<string, Uint8Array>()
    const name = nameOfBody(body)
    this.#kept.set(id, names.set(toHex(name), name))
    if (step.kind === 'complete') await this.#finish(id, step.message)
    return 'kept'
  }

  async #finish(id: string, sealed: Uint8Array): Promise<void> {
    const { store, sealPrivateKey, onMessage, clock } = this.#options
    const message = await openMessage(sealed, this.#mailbox, sealPrivateKey)
    if (message !== undefined) await onMessage(message)
    this.#done.add(id)
    await store.batch([{ put: doneKey(fromHex(id)), value: u64(Math.floor(clock.wallMs())) }])
    const names = [...(this.#kept.get(id)?.values() ?? [])]
    this.#kept.delete(id)
    for (let at = 0; at < names.length; at += DELETES_AT_ONCE)
      await store.batch(names.slice(at, at + DELETES_AT_ONCE).map((name) => ({ delete: pieceKey(name) })))
  }

  /** What an earlier run kept, but for what is too old to become whole, or belongs to a message that was taken over. */
  async #takeUp(): Promise<void> {
    const { store, clock } = this.#options
    const useless: Uint8Array[] = []
    const kept: Uint8Array[] = []
    for await (const { key, value } of store.scan({ prefix: Uint8Array.of(PIECE) })) {
      const body = value.slice(TIME_BYTES)
      const id = decodeFragment(body)?.id
      const isOld = Number(readU64(value, 0)) < clock.wallMs() - DONE_MS
      if (isOld || id === undefined || this.#done.has(toHex(id))) useless.push(key)
      else kept.push(body)
    }
    for (let at = 0; at < useless.length; at += DELETES_AT_ONCE)
      await store.batch(useless.slice(at, at + DELETES_AT_ONCE).map((key) => ({ delete: key })))
    for (const body of kept) await this.#add(body)
  }

  async #forgetDone(): Promise<void> {
    const { store, clock } = this.#options
    const old: Uint8Array[] = []
    for await (const { key, value } of store.scan({ prefix: Uint8Array.of(DONE) }))
      if (Number(readU64(value, 0)) < clock.wallMs() - DONE_MS) old.push(key)
      else this.#done.add(toHex(key.subarray(1)))
    for (let at = 0; at < old.length; at += DELETES_AT_ONCE)
      await store.batch(old.slice(at, at + DELETES_AT_ONCE).map((key) => ({ delete: key })))
  }
}

const PIECE = 0x70
/** When a piece came, before it. */
const TIME_BYTES = 8
const DONE = 0x64
/** A batch of the store is bounded. */
const DELETES_AT_ONCE = 256

function pieceKey(name: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(PIECE), name)
}

function doneKey(id: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(DONE), id)
}
