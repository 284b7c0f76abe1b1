/**
 * What a client sends (Loopix, USENIX Security 2017, section 4.1.1): a stream for payload that carries a drop when there is
 * nothing to say, loops back to itself, and drops. Who watches the link sees the same with traffic and without.
 */
import { AivError, type RandomSource } from '../../core/index.ts'
import type { MixParameters } from '../directory/document.ts'
import { MOST_WAITING } from './constants.ts'
import { EmissionSchedule } from './emission-schedule.ts'

/**
 * The next packet. All three are made by the same code, have the same size and go the same way: drops are told from
 * payload by the last provider alone, and loops by their sender.
 */
export type ClientPacket<Payload> =
  | { readonly kind: 'payload'; readonly payload: Payload }
  | { readonly kind: 'loop' }
  | { readonly kind: 'drop' }

export interface ClientTrafficOptions {
  /** Mean times of the three streams, from the directory. */
  readonly parameters: Pick<MixParameters, 'payloadUs' | 'loopUs' | 'dropUs'>
  readonly random: RandomSource
  /** Monotonic microseconds. */
  readonly startUs: number
  /** Payloads that may wait; default 4,096. */
  readonly mostWaiting?: number
}

export class ClientTraffic<Payload> {
  readonly #schedule: EmissionSchedule<'payload' | 'loop' | 'drop'>
  readonly #mostWaiting: number
  /** Payloads in order, from `#head` on. */
  #waiting: (Payload | undefined)[] = []
  #head = 0

  constructor({ parameters, random, startUs, mostWaiting = MOST_WAITING }: ClientTrafficOptions) {
    // Without a payload stream nothing is ever sent, and whoever waits for it waits for ever.
    if (!(parameters.payloadUs > 0))
      throw new AivError('E_USAGE', 'the payload stream of a client needs a rate')
    this.#mostWaiting = mostWaiting
    this.#schedule = new EmissionSchedule({
      random,
      startUs,
      processes: [
        { kind: 'payload', meanUs: parameters.payloadUs },
        { kind: 'loop', meanUs: parameters.loopUs },
        { kind: 'drop', meanUs: parameters.dropUs },
      ],
    })
  }

  get waiting(): number {
    return this.#waiting.length - this.#head
  }

  /** When the next packet goes. Does not depend on what waits. */
  get nextDueUs(): number {
    return this.#schedule.nextDueUs
  }

  /** Lets a payload wait for its turn; false when too many do already. */
  enqueue(payload: Payload): boolean {
    if (this.waiting >= this.#mostWaiting) return false
    this.#waiting.push(payload)
    return true
  }

  /** The next packet that is due at `nowUs`; undefined when none is. Call until then. */
  next(nowUs: number): ClientPacket<Payload> | undefined {
    const kind = this.#schedule.take(nowUs)
    if (kind === undefined) return undefined
    if (kind !== 'payload') return { kind }
    const payload = this.#shift()
    return payload === undefined ? { kind: 'drop' } : { kind, payload }
  }

  #shift(): Payload | undefined {
    const payload = this.#waiting[this.#head]
    if (payload === undefined) return undefined
    this.#waiting[this.#head++] = undefined
    if (this.#head * 2 >= this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head)
      this.#head = 0
    }
    return payload
  }
}
