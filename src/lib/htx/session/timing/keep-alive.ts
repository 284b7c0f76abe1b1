/** PINGs at irregular intervals, their replies, and the idle time-out (section 7). */
import { type Clock, type RandomSource, toHex, uniformReal } from '../../../core/index.ts'
import { CODE } from '../../codes.ts'
import { PING_INTERVAL_MS, PING_JITTER, PING_REPLIES_QUEUED, PING_REPLY_MS } from '../../constants.ts'
import { RoundTrip } from './round-trip.ts'

interface Outstanding {
  readonly askedAt: number
  deadline: number
  readonly onReply: ((ms: number) => void) | undefined
}

/** PINGs of ours that may be unanswered at once. A peer keeps no more replies than this, and drops the oldest. */
const OUTSTANDING_MOST = PING_REPLIES_QUEUED

export interface KeepAliveOptions {
  /** 0 = never. */
  readonly idleTimeoutMs: number
  readonly random: RandomSource
  readonly clock: Clock
  /** How long a reply may take, milliseconds; default 15,000. */
  readonly replyMs?: number
  /** Told of each round trip, milliseconds. */
  readonly onRoundTrip?: (ms: number) => void
}

export class KeepAlive {
  readonly roundTrip = new RoundTrip()
  readonly #options: KeepAliveOptions
  readonly #replyMs: number
  readonly #outstanding = new Map<string, Outstanding>()
  /** Callers who asked while too many were unanswered. */
  readonly #waiting: ((ms: number) => void)[] = []
  #nextPingAt: number
  #idleAt: number
  #probing = false

  constructor(options: KeepAliveOptions) {
    this.#options = options
    this.#replyMs = options.replyMs ?? PING_REPLY_MS
    this.#nextPingAt = options.clock.now() + this.#drawInterval()
    this.#idleAt = this.#newIdleDeadline()
  }

  /** Something other than PING and padding was sent or received. */
  activity(): void {
    this.#idleAt = this.#newIdleDeadline()
  }

  /**
   * Registers a PING about to be queued and returns its token, or undefined when too many are unanswered: then whoever
   * wants to hear of the reply waits for `requestWaiting`.
   */
  request(onReply?: (ms: number) => void): Uint8Array | undefined {
    const token = this.#register(onReply)
    if (token === undefined && onReply !== undefined) this.#waiting.push(onReply)
    return token
  }

  /** The PING of the caller who has waited longest, if one waits and a reply has made room. */
  requestWaiting(): Uint8Array | undefined {
    const [first] = this.#waiting
    const token = first === undefined ? undefined : this.#register(first)
    if (token !== undefined) this.#waiting.shift()
    return token
  }

  /** A PING to learn the round trip under load; false while an earlier one is unanswered. */
  requestProbe(): Uint8Array | undefined {
    if (this.#probing) return undefined
    const token = this.#register(() => {
      this.#probing = false
    })
    this.#probing = token !== undefined
    return token
  }

  /** The PING was handed to the link: its time for a reply starts now. */
  sent(token: Uint8Array): void {
    const entry = this.#outstanding.get(toHex(token))
    if (entry !== undefined) entry.deadline = this.#options.clock.now() + this.#replyMs
  }

  /** Unsolicited replies are ignored. */
  replied(token: Uint8Array): void {
    const key = toHex(token)
    const entry = this.#outstanding.get(key)
    if (entry === undefined) return
    this.#outstanding.delete(key)
    const ms = this.#options.clock.now() - entry.askedAt
    this.roundTrip.sample(ms)
    this.#options.onRoundTrip?.(ms)
    entry.onReply?.(ms)
  }

  /** True, once, when the next periodic PING is due. */
  takePingDue(): boolean {
    const now = this.#options.clock.now()
    if (now < this.#nextPingAt) return false
    this.#nextPingAt = now + this.#drawInterval()
    return true
  }

  /** The code to close the session with, if a time-out has passed. */
  expired(): number | undefined {
    const now = this.#options.clock.now()
    for (const { deadline } of this.#outstanding.values()) if (now >= deadline) return CODE.KEEPALIVE_TIMEOUT
    return now >= this.#idleAt ? CODE.IDLE_TIMEOUT : undefined
  }

  /** When `tick` is wanted next, monotonic milliseconds. */
  nextDeadline(): number {
    let at = Math.min(this.#nextPingAt, this.#idleAt)
    for (const { deadline } of this.#outstanding.values()) at = Math.min(at, deadline)
    return at
  }

  #register(onReply: ((ms: number) => void) | undefined): Uint8Array | undefined {
    if (this.#outstanding.size >= OUTSTANDING_MOST) return undefined
    const token = this.#options.random.bytes(8)
    const now = this.#options.clock.now()
    this.#outstanding.set(toHex(token), { askedAt: now, deadline: now + this.#replyMs, onReply })
    return token
  }

  #drawInterval(): number {
    const { random } = this.#options
    const base = uniformReal(random, PING_INTERVAL_MS.min, PING_INTERVAL_MS.max)
    return base * uniformReal(random, 1 - PING_JITTER, 1 + PING_JITTER)
  }

  #newIdleDeadline(): number {
    const { idleTimeoutMs, clock } = this.#options
    return idleTimeoutMs === 0 ? Number.POSITIVE_INFINITY : clock.now() + idleTimeoutMs
  }
}
