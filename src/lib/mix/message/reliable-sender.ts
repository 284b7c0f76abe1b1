/**
 * Which packet goes out next so that every message arrives: a window of packets whose answer is awaited, and retransmission
 * when it stays away (the timer of RFC 6298). Each transmission asks for an answer of its own, so that a round trip is never
 * measured against the wrong copy.
 */
import { type Clock, toHex } from '../../core/index.ts'

export interface SenderLimits {
  /** Transmissions whose answer is awaited. */
  readonly window: number
  /** Transmissions of one packet before its message is given up. */
  readonly maxAttempts: number
  /** Until the first round trip was measured. */
  readonly firstTimeoutMs: number
  readonly minTimeoutMs: number
  readonly maxTimeoutMs: number
}

/** For a path of three hops of 33 ms there and back: the mean round trip is 0.2 s, one of a million takes 1 s. */
export const SENDER_LIMITS: SenderLimits = {
  window: 256,
  maxAttempts: 20,
  firstTimeoutMs: 3000,
  minTimeoutMs: 1000,
  maxTimeoutMs: 60_000,
}

/** What is to be sent: the `index`th body of a message. */
export interface Transmission {
  readonly message: string
  readonly index: number
}

export type SenderEvent = { readonly kind: 'delivered' | 'failed'; readonly message: string }

interface OutgoingPacket extends Transmission {
  /** SURB ids of its transmissions; the answer to any of them will do. */
  readonly surbs: string[]
  /** A copy has been answered, or its message given up. */
  isDone: boolean
}

interface Awaited {
  readonly packet: OutgoingPacket
  readonly sentAt: number
  readonly timeoutAt: number
  /** Sent again since; a late answer still counts. */
  isOverdue: boolean
}

interface OutgoingMessage {
  readonly count: number
  readonly packets: Set<OutgoingPacket>
  /** Packets that were never sent begin here. */
  next: number
  answered: number
}

export class ReliableSender {
  readonly #clock: Clock
  readonly #limits: SenderLimits
  readonly #messages = new Map<string, OutgoingMessage>()
  /** By SURB id, in the order of sending. */
  readonly #awaited = new Map<string, Awaited>()
  readonly #again: OutgoingPacket[] = []
  #underway = 0
  #smoothedMs: number | undefined
  #variationMs = 0

  constructor(clock: Clock, limits: SenderLimits = SENDER_LIMITS) {
    this.#clock = clock
    this.#limits = limits
  }

  /** Messages that are not delivered yet. */
  get pending(): number {
    return this.#messages.size
  }

  /** @param count how many packets the message is */
  enqueue(message: string, count: number): void {
    this.#messages.set(message, { count, packets: new Set(), next: 0, answered: 0 })
  }

  /**
   * What to send now, given that the caller's schedule lets a packet go. {@link sent} must follow before the next call.
   * @returns undefined when nothing is due, and then cover goes out
   */
  next(): Transmission | undefined {
    for (let packet = this.#again.shift(); packet !== undefined; packet = this.#again.shift())
      if (!packet.isDone) return packet
    if (this.#underway >= this.#limits.window) return undefined
    for (const [name, message] of this.#messages) {
      if (message.next >= message.count) continue
      const packet: OutgoingPacket = { message: name, index: message.next, surbs: [], isDone: false }
      message.next += 1
      message.packets.add(packet)
      return packet
    }
    return undefined
  }

  /** @param surbId by which the answer to this transmission will be known */
  sent(transmission: Transmission, surbId: Uint8Array): void {
    const packet = this.#packetOf(transmission)
    if (packet === undefined) return
    const key = toHex(surbId)
    packet.surbs.push(key)
    const sentAt = this.#clock.now()
    const timeoutAt = sentAt + this.#timeoutMs(packet.surbs.length)
    this.#awaited.set(key, { packet, sentAt, timeoutAt, isOverdue: false })
    this.#underway += 1
  }

  /** An answer came. @returns what follows from it; undefined for one that is not awaited, such as a second copy */
  acknowledge(surbId: Uint8Array): SenderEvent | undefined {
    const awaited = this.#awaited.get(toHex(surbId))
    if (awaited === undefined) return undefined
    this.#measure(this.#clock.now() - awaited.sentAt)
    const { packet } = awaited
    this.#finish(packet)
    const message = this.#messages.get(packet.message)
    if (message === undefined) return undefined
    message.packets.delete(packet)
    message.answered += 1
    if (message.answered < message.count) return undefined
    this.#messages.delete(packet.message)
    return { kind: 'delivered', message: packet.message }
  }

  /** Puts what was not answered in time back in line. @returns the messages that are given up */
  timeOut(): readonly SenderEvent[] {
    const now = this.#clock.now()
    const events: SenderEvent[] = []
    for (const awaited of [...this.#awaited.values()]) {
      const { packet, timeoutAt, isOverdue } = awaited
      if (isOverdue || packet.isDone || timeoutAt > now) continue
      awaited.isOverdue = true
      this.#underway -= 1
      if (packet.surbs.length < this.#limits.maxAttempts) this.#again.push(packet)
      else events.push(this.#giveUp(packet.message))
    }
    return events
  }

  /** When {@link timeOut} has something to do; monotonic milliseconds. */
  nextTimeoutAt(): number | undefined {
    let next: number | undefined
    for (const { timeoutAt, isOverdue } of this.#awaited.values())
      if (!isOverdue && (next === undefined || timeoutAt < next)) next = timeoutAt
    return next
  }

  #packetOf({ message, index }: Transmission): OutgoingPacket | undefined {
    for (const packet of this.#messages.get(message)?.packets ?? []) if (packet.index === index) return packet
    return undefined
  }

  #giveUp(name: string): SenderEvent {
    for (const packet of this.#messages.get(name)?.packets ?? []) this.#finish(packet)
    this.#messages.delete(name)
    return { kind: 'failed', message: name }
  }

  /** Nothing more is awaited for a packet, nor sent. */
  #finish(packet: OutgoingPacket): void {
    packet.isDone = true
    for (const surb of packet.surbs) {
      if (this.#awaited.get(surb)?.isOverdue === false) this.#underway -= 1
      this.#awaited.delete(surb)
    }
  }

  /** RFC 6298 section 2, with doubling for each attempt. */
  #timeoutMs(attempt: number): number {
    const { firstTimeoutMs, minTimeoutMs, maxTimeoutMs } = this.#limits
    const base =
      this.#smoothedMs === undefined
        ? firstTimeoutMs
        : Math.max(minTimeoutMs, this.#smoothedMs + 4 * this.#variationMs)
    return Math.min(base * 2 ** (attempt - 1), maxTimeoutMs)
  }

  #measure(roundTripMs: number): void {
    if (this.#smoothedMs === undefined) {
      this.#smoothedMs = roundTripMs
      this.#variationMs = roundTripMs / 2
      return
    }
    this.#variationMs = 0.75 * this.#variationMs + 0.25 * Math.abs(this.#smoothedMs - roundTripMs)
    this.#smoothedMs = 0.875 * this.#smoothedMs + 0.125 * roundTripMs
  }
}
