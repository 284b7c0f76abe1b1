/** Messages on their way to mailboxes: sealed, cut into packets, and sent again until each piece is acknowledged. */
import { AivError, type Clock, type RandomSource, toHex } from '../../core/index.ts'
import { findNode, type MixDirectory, type MixNode } from '../directory/index.ts'
import {
  encodePayload,
  fragmentAt,
  fragmentCount,
  MESSAGE_ID_BYTES,
  ReliableSender,
  type SenderEvent,
} from '../message/index.ts'
import { mailboxBodyRoom } from '../provider/index.ts'
import type { MailboxAddress } from './mailbox-address.ts'
import { PendingReplies } from './pending-replies.ts'
import type { Routes } from './routes.ts'
import { type Message, sealMessage } from './sealed-message.ts'

export interface OutboxOptions {
  readonly directory: MixDirectory
  readonly routes: Routes
  readonly clock: Clock
  readonly random: RandomSource
  /** A message is delivered, or given up. */
  readonly onEvent: (event: SenderEvent) => void
}

interface Outgoing {
  readonly id: Uint8Array
  readonly sealed: Uint8Array
  readonly provider: MixNode
  readonly mailbox: Uint8Array
}

/** Longer than the longest wait for an answer. */
const ANSWER_LIFETIME_MS = 10 * 60_000

export class Outbox {
  readonly #options: OutboxOptions
  readonly #bodyBytes: number
  readonly #messages = new Map<string, Outgoing>()
  readonly #sender: ReliableSender
  readonly #answers: PendingReplies<undefined>

  constructor(options: OutboxOptions) {
    const { routes, clock } = options
    this.#options = options
    this.#bodyBytes = mailboxBodyRoom(routes.geometry)
    this.#sender = new ReliableSender(clock)
    this.#answers = new PendingReplies<undefined>(routes.geometry, clock, ANSWER_LIFETIME_MS)
  }

  /** Messages that are neither delivered nor given up. */
  get pending(): number {
    return this.#messages.size
  }

  /**
   * @returns the name of the message in the events that follow
   * @throws AivError `E_INPUT` when the directory does not have the provider of the address
   */
  async add(address: MailboxAddress, message: Message): Promise<string> {
    const { directory, random } = this.#options
    const provider = findNode(directory, address.provider)
    if (provider === undefined)
      throw new AivError('E_INPUT', 'the provider of the address is not in the directory', {
        hint: 'Ask for a newer address, or get the newest directory.',
      })
    const sealed = await sealMessage(message, address, random)
    const id = random.bytes(MESSAGE_ID_BYTES)
    const name = toHex(id)
    this.#messages.set(name, { id, sealed, provider, mailbox: address.mailbox })
    this.#sender.enqueue(name, fragmentCount(sealed.length, this.#bodyBytes))
    return name
  }

  /** The next packet for the own provider, when the traffic schedule lets one go; undefined when nothing is due. */
  nextPacket(): Uint8Array | undefined {
    for (const event of this.#sender.timeOut()) this.#ended(event)
    const next = this.#sender.next()
    const message = next && this.#messages.get(next.message)
    if (next === undefined || message === undefined) return undefined
    const { routes } = this.#options
    const reply = routes.replyBlock(message.provider)
    const body = fragmentAt(message.id, message.sealed, next.index, this.#bodyBytes)
    const payload = encodePayload(routes.geometry, { surb: reply.surb, body })
    const packet = routes.packet(message.provider, message.mailbox, payload)
    this.#answers.await(reply, undefined)
    this.#sender.sent(next, reply.id)
    return packet
  }

  /** An answer that the own provider handed over. @returns whether it was one to us */
  answered(surbId: Uint8Array, payload: Uint8Array): boolean {
    if (this.#answers.open(surbId, payload) === undefined) return false
    this.#ended(this.#sender.acknowledge(surbId))
    return true
  }

  /** Erases the keys of answers. */
  end(): void {
    this.#answers.end()
  }

  #ended(event: SenderEvent | undefined): void {
    if (event === undefined) return
    this.#messages.delete(event.message)
    this.#options.onEvent(event)
  }
}
