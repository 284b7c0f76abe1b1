/**
 * Keeps one session to a peer: work that only lost its way to the peer runs again with the next session, over the next
 * of several addresses if need be, after growing pauses that all who wait share.
 */
import { AivError, isAivError, type RandomSource, systemClock, type TimerClock } from '../../core/index.ts'
import { systemRandom } from '../../crypto/index.ts'
import { anonymousIdentity } from '../../identity/index.ts'
import { parseAddress } from '../address.ts'
import { CODE, type SessionEnd } from '../codes.ts'
import { connect } from '../endpoint/connect/connect.ts'
import type { ConnectOptions } from '../endpoint/connect/connect-options.ts'
import type { HtxSession } from '../endpoint/htx-session.ts'
import { sessionEndError } from '../endpoint/htx-stream.ts'
import { requireNoTwins, wayTo } from '../twins.ts'
import { Attempts, givenUp, type Reconnecting } from './attempts.ts'
import type { BackOffBounds } from './back-off.ts'
import { PROVEN_MS, RETRIES_DEFAULT } from './constants.ts'
import { isWayFailure } from './way-failure.ts'

export interface ConnectorOptions {
  /** How to connect; without an identity, one throw-away identity serves all sessions. */
  readonly connect?: Omit<ConnectOptions, 'signal'>
  /** Attempts in a row that get nowhere before giving up. */
  readonly retries?: number
  readonly backOff?: BackOffBounds
  readonly clock?: TimerClock
  readonly random?: RandomSource
  /** Ends everything when it aborts. */
  readonly signal?: AbortSignal
  readonly onReconnecting?: (event: Reconnecting) => void
  /** A session has taken the place of another. */
  readonly onReconnected?: (session: HtxSession) => void
  readonly onConnected?: (session: HtxSession) => void
}

export interface RunOptions {
  readonly signal?: AbortSignal
  /** Work that has begun at the peer: anything but a refusal is worth another attempt. */
  readonly isBegun?: boolean
  /** The last attempt worked and got nowhere all the same: this one waits for its turn. */
  readonly afterFailure?: AivError
}

/** The session that there is, or was last. */
interface Held {
  readonly session: HtxSession
  readonly openedAt: number
  /** Say whether applications on both sides have taken part. */
  readonly vouchers: (() => boolean)[]
  /** Its end has been counted as what it was. */
  isJudged: boolean
}

export class Connector {
  readonly #addresses: readonly string[]
  readonly #connect: ConnectOptions
  readonly #options: ConnectorOptions
  readonly #clock: TimerClock
  readonly #attempts: Attempts
  /** Index of the address that is tried first. */
  #preferred = 0
  #held: Held | undefined
  #dialling: Promise<HtxSession> | undefined
  /** The peer has said that it does not want us. */
  #rejection: AivError | undefined

  /**
   * @param addresses of one peer, tried in turn
   * @throws AivError `E_ADDRESS`, `E_USAGE` when they name several peers or give a camouflaged listener away
   */
  constructor(addresses: readonly string[], options: ConnectorOptions = {}) {
    const parsed = addresses.map((address) => parseAddress(address, 'connect'))
    if (new Set(parsed.map(({ peer }) => peer)).size !== 1)
      throw new AivError('E_USAGE', 'the addresses do not name one peer')
    requireNoTwins(parsed.map((address) => wayTo(address, options.connect?.accessGrant)))
    const { clock = systemClock, random = systemRandom, signal } = options
    this.#addresses = addresses
    this.#options = options
    this.#clock = clock
    this.#attempts = new Attempts({
      clock,
      random,
      retries: options.retries ?? RETRIES_DEFAULT,
      backOff: options.backOff,
      signal,
      onPause: options.onReconnecting,
    })
    // What is continued belongs to a peer id: a new identity for each session would be a stranger.
    const identity = options.connect?.identity ?? anonymousIdentity(random, clock)
    this.#connect = {
      clock,
      random,
      ...options.connect,
      identity,
      ...(signal === undefined ? {} : { signal }),
    }
  }

  /** The session that is alive, if any. */
  get session(): HtxSession | undefined {
    const session = this.#held?.session
    return session?.isOpen === true ? session : undefined
  }

  /**
   * A session in which applications on both sides have taken part was worth its handshake however soon it ends. One
   * that nobody vouches for and that does not last is an attempt that got nowhere.
   * @param hasTakenPart asked when the session is over, at the latest
   */
  vouch(session: HtxSession, hasTakenPart: () => boolean): void {
    const held = this.#held
    if (held?.session === session && !this.#isProven(held)) held.vouchers.push(hasTakenPart)
  }

  /**
   * Runs work with a session. It may run several times: again when the way to the peer failed.
   * @throws AivError what the work throws for itself; the last failure of the way once the attempts are used up, or
   *   when there never was a session; `E_SESSION_ERROR` once the peer has ended a session because it does not admit us;
   *   `E_ABORTED`
   */
  async run<T>(work: (session: HtxSession) => Promise<T>, options: RunOptions = {}): Promise<T> {
    const { signal, isBegun = false, afterFailure } = options
    if (!isBegun) this.#attempts.hurry()
    if (afterFailure !== undefined) this.#failed(afterFailure)
    for (;;) {
      const session = await untilAborted(this.#open(), signal)
      try {
        const result = await work(session)
        // To have begun again is not to have got anywhere.
        if (afterFailure === undefined) this.#worked(session)
        return result
      } catch (error) {
        const isWorth = isWayFailure(error) || isBegun
        if (!isAivError(error) || isFinal(error) || !isWorth || signal?.aborted === true) throw error
        if (session === this.#held?.session) this.#failed(error)
      }
    }
  }

  /** Lets open streams finish for as long as `graceMs` says, then ends the session. */
  async drain(graceMs?: number | undefined): Promise<void> {
    await this.session?.drain(graceMs)
  }

  /** Ends the session at once. */
  async close(code: number = CODE.OK): Promise<void> {
    await this.session?.close(code)
  }

  async #open(): Promise<HtxSession> {
    const { session } = this
    if (session !== undefined && this.#attempts.lastFailure === undefined) return session
    this.#dialling ??= this.#reopen().finally(() => {
      this.#dialling = undefined
    })
    return await this.#dialling
  }

  async #reopen(): Promise<HtxSession> {
    for (;;) {
      const last = this.#held
      if (last !== undefined) {
        this.#judgeLoss(last)
        if (this.#rejection === undefined) await this.#attempts.wait()
        if (this.#rejection !== undefined) throw this.#rejection
      }
      // A session that is open refused a stream; it may take one now.
      const session = this.session ?? (await this.#dial().catch((error: unknown) => this.#judge(error)))
      if (session === undefined) continue
      this.#attempts.opened()
      if (session === last?.session) return session
      this.#hold(session)
      if (last === undefined) this.#options.onConnected?.(session)
      else this.#options.onReconnected?.(session)
      return session
    }
  }

  #hold(session: HtxSession): void {
    this.#held = { session, openedAt: this.#clock.now(), vouchers: [], isJudged: false }
    void session.closed.then((end) => {
      if (!isRejection(end)) return
      // Who comes back all the same is a nuisance.
      this.#rejection = sessionEndError(end)
      this.#attempts.wake()
    })
  }

  /** A session that is over was of use or was not, once. */
  #judgeLoss(held: Held): void {
    if (held.session.isOpen || held.isJudged) return
    held.isJudged = true
    if (this.#isProven(held)) this.#attempts.startAnew()
    else this.#attempts.countShunned()
  }

  #isProven({ vouchers, openedAt }: Held): boolean {
    return this.#clock.now() - openedAt >= PROVEN_MS || vouchers.some((hasTakenPart) => hasTakenPart())
  }

  #worked(session: HtxSession): void {
    if (this.#held?.session === session && this.#isProven(this.#held)) this.#attempts.startAnew()
  }

  /** @throws the error, when another attempt would end in the same way */
  #judge(error: unknown): undefined {
    // A listener that was never reached is a wrong address more often than a bad moment. One that was reached may be
    // ending, or somebody in between ends its handshakes: the peer has proved who it is before, and will again.
    const isPassing = isWayFailure(error) || isAivError(error, 'E_HANDSHAKE')
    if (this.#held === undefined || !isPassing) throw error
    this.#attempts.count(error)
  }

  /** However many wait for a session, and fail with it, it is one failure; of one that is over, its end counts. */
  #failed(error: AivError): void {
    if (this.#attempts.lastFailure !== undefined) return
    if (this.session === undefined) this.#attempts.note(error)
    else this.#attempts.count(error)
  }

  /** Every address once, from the one that worked last. @throws the failure that is the most worth another attempt */
  async #dial(): Promise<HtxSession> {
    let failure: unknown
    for (let i = 0; i < this.#addresses.length; i++) {
      const index = (this.#preferred + i) % this.#addresses.length
      try {
        const session = await connect(this.#addresses[index] as string, this.#connect)
        this.#preferred = index
        return session
      } catch (error) {
        if (isAivError(error, 'E_ABORTED')) throw error
        if (failure === undefined || (isWayFailure(error) && !isWayFailure(failure))) failure = error
      }
    }
    throw failure
  }
}

/** The peer has said no, or we have. */
function isFinal(error: AivError): boolean {
  return error.code === 'E_SERVICE_REFUSED' || error.code === 'E_ABORTED'
}

/** A peer that has taken us off its list says so. */
function isRejection({ byPeer, cause, code }: SessionEnd): boolean {
  return byPeer && cause === 'closed' && code === CODE.POLICY_REJECTED
}

async function untilAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise
  const aborted = Promise.withResolvers<never>()
  const onAbort = (): void => aborted.reject(givenUp())
  if (signal.aborted) onAbort()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    return await Promise.race([promise, aborted.promise])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}
