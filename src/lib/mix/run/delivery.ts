/** What happens to packets that end at this node: mailboxes and services, and answers on their way to a client. */
import { type Geometry, packetFromSurb } from '../../sphinx/index.ts'
import { encodePayload } from '../message/index.ts'
import type { Provider, Served } from '../provider/index.ts'
import { SERVING_MOST } from './constants.ts'

/** Takes an answer for one of its clients; false when it has no such client, or the client takes no more. */
export type ReplyTaker = (recipient: Uint8Array, surbId: Uint8Array, payload: Uint8Array) => boolean

/** Takes a payload that ends at this node; false when it takes no more. */
export type PayloadTaker = (recipient: Uint8Array, payload: Uint8Array) => boolean

export interface DeliveryOptions {
  readonly geometry: Geometry
  /** Mailboxes and services, or a program that takes payloads as they are; a node without either is a mix only. */
  readonly receiver: Provider | PayloadTaker | undefined
  readonly onReply: ReplyTaker | undefined
  /** Sends a packet that was made here. */
  readonly send: (firstHop: Uint8Array, packet: Uint8Array) => void
}

export class Delivery {
  readonly #options: DeliveryOptions
  /** Packets that the mailboxes work on. */
  readonly #serving = new Set<Promise<void>>()

  constructor(options: DeliveryOptions) {
    this.#options = options
  }

  get isProvider(): boolean {
    return this.#options.receiver !== undefined
  }

  /** False when there is too much to do, or nobody to do it. */
  deliver(recipient: Uint8Array, payload: Uint8Array): boolean {
    const { receiver } = this.#options
    if (typeof receiver === 'function') return receiver(recipient, payload.slice())
    if (receiver === undefined || this.#serving.size >= SERVING_MOST) return false
    const served = receiver.serve(recipient, payload.slice()).then((result) => this.#answer(result))
    this.#serving.add(served)
    void served.finally(() => this.#serving.delete(served))
    return true
  }

  reply(recipient: Uint8Array, surbId: Uint8Array, payload: Uint8Array): boolean {
    return this.#options.onReply?.(recipient, surbId, payload.slice()) ?? false
  }

  /** Resolves when the mailboxes have nothing to do. */
  async idle(): Promise<void> {
    await Promise.allSettled(this.#serving)
  }

  #answer({ answer }: Served): void {
    if (answer === undefined) return
    const { geometry, send } = this.#options
    try {
      const { packet, firstHop } = packetFromSurb(
        geometry,
        answer.surb,
        encodePayload(geometry, { body: answer.body }),
      )
      send(firstHop, packet)
    } catch {
      // A reply block that is none: its maker gets no answer.
    }
  }
}
