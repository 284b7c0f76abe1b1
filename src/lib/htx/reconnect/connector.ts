/**
 * Keeps one session to a peer: work that only lost its way to the peer runs again with the next session, over the next
 * of several addresses if need be, after growing pauses that all who wait share.
 */
import { AivError, isAivError, type RandomSource, systemClock, type TimerClock } from '../../core/index.ts'
import { systemRandom } from '../../crypto/index.ts'
import { anonymousIdentity } from '../../identity/index.ts'
import { parseAddress } from '../address.ts'
import { CODE } from '../codes.ts'
import { connect } from '../endpoint/connect.ts'
import type { ConnectOptions } from '../endpoint/connect-options.ts'
import type { HtxSession } from '../endpoint/htx-session.ts'
import { BackOff, type BackOffBounds } from './back-off.ts'
import { BACK_OFF_MS, RETRIES_DEFAULT } from './constants.ts'
import { isWayFailure } from './way-failure.ts'

export interface Reconnecting {
  readonly error: AivError
  /** Counts attempts in a row that got nowhere, from 1. */
  readonly attempt: number
  /** Until the attempt, milliseconds. */
  readonly pauseMs: number
}

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

export class Connector {
  readonly #addresses: readonly string[]
  readonly #connect: ConnectOptions
  readonly #options: ConnectorOptions
  readonly #clock: TimerClock
  readonly #backOff: BackOff
  readonly #retries: number
  /** Index of the address that is tried first. */
  #preferred = 0
  #session: HtxSession | undefined
  #dialling: Promise<HtxSession> | undefined
  #wasConnected = false
  #failures = 0
  #lastFailure: AivError | undefined
  /** Someone new asks: cuts a pause short. */
  #hurry: (() => void) | undefined
  #isHurried = false
  #attemptedAt = Number.NEGATIVE_INFINITY

  /**
   * @param addresses of one peer, tried in turn
   * @throws AivError `E_ADDRESS`, `E_USAGE` when they name several peers
   */
  constructor(addresses: readonly string[], options: ConnectorOptions = {}) {
    const peers = new Set(addresses.map((address) => parseAddress(address, 'connect').peer))
    if (peers.size !== 1) throw new AivError('E_USAGE', 'the addresses do not name one peer')
    const { clock = systemClock, random = systemRandom, signal } = options
    this.#addresses = addresses
    this.#options = options
    this.#clock = clock
    this.#backOff = new BackOff(random, options.backOff)
    this.#retries = options.retries ?? RETRIES_DEFAULT
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
    return this.#session?.isOpen === true ? this.#session : undefined
  }

  /**
   * Runs work with a session. It may run several times: again when the way to the peer failed.
   * @throws AivError what the work throws for itself; the last failure of the way once the attempts are used up, or
   *   when there never was a session; `E_ABORTED`
   */
  async run<T>(work: (session: HtxSession) => Promise<T>, options: RunOptions = {}): Promise<T> {
    const { signal, isBegun = false } = options
    if (!isBegun) this.#hurryUp()
    if (options.afterFailure !== undefined) this.#failed(options.afterFailure)
    for (;;) {
      const session = await untilAborted(this.#open(), signal)
      try {
        const result = await work(session)
        this.#backOff.reset()
        this.#failures = 0
        this.#lastFailure = undefined
        return result
      } catch (error) {
        const isWorth = isWayFailure(error) || isBegun
        if (!isAivError(error) || isFinal(error) || !isWorth || signal?.aborted === true) throw error
        if (session === this.#session) this.#failed(error)
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
    if (session !== undefined && this.#lastFailure === undefined) return session
    this.#dialling ??= this.#reopen().finally(() => {
      this.#dialling = undefined
    })
    return await this.#dialling
  }

  async #reopen(): Promise<HtxSession> {
    for (;;) {
      if (this.#wasConnected) await this.#waitForTurn()
      // A session that is open refused a stream; it may take one now.
      const session = this.session ?? (await this.#dial().catch((error: unknown) => this.#judge(error)))
      if (session === undefined) continue
      this.#lastFailure = undefined
      if (session === this.#session) return session
      const again = this.#wasConnected
      this.#session = session
      this.#wasConnected = true
      if (again) this.#options.onReconnected?.(session)
      else this.#options.onConnected?.(session)
      return session
    }
  }

  /** @throws the error, when another attempt would end in the same way */
  #judge(error: unknown): undefined {
    // A listener that was never reached is a wrong address more often than a bad moment. One that was reached may be
    // ending, or somebody in between ends its handshakes: the peer has proved who it is before, and will again.
    const isPassing = isWayFailure(error) || isAivError(error, 'E_HANDSHAKE')
    if (!this.#wasConnected || !isPassing) throw error
    this.#count(error)
  }

  /** However many wait for a session, and fail with it, it is one failure. */
  #failed(error: AivError): void {
    if (this.#lastFailure === undefined) this.#count(error)
  }

  #count(error: AivError): void {
    this.#lastFailure = error
    if (!this.#isHurried) this.#failures++
    this.#isHurried = false
  }

  /** @throws AivError the last failure, when the attempts are used up */
  async #waitForTurn(): Promise<void> {
    const error = this.#lastFailure ?? new AivError('E_LINK_LOST', 'the session is over')
    if (this.#failures > this.#retries) {
      this.#failures = 0
      this.#lastFailure = undefined
      this.#backOff.reset()
      throw error
    }
    const pauseMs = this.#backOff.draw()
    this.#options.onReconnecting?.({
      error,
      attempt: Math.max(1, this.#failures),
      pauseMs: Math.round(pauseMs),
    })
    const { promise, resolve, reject } = Promise.withResolvers<void>()
    const { signal } = this.#options
    const onAbort = (): void => reject(givenUp())
    let cancel = this.#clock.schedule(pauseMs, resolve)
    this.#hurry = () => {
      this.#isHurried = true
      cancel()
      const since = this.#clock.now() - this.#attemptedAt
      cancel = this.#clock.schedule(Math.max(0, BACK_OFF_MS.first - since), resolve)
    }
    signal?.addEventListener('abort', onAbort, { once: true })
    try {
      if (signal?.aborted === true) onAbort()
      await promise
    } finally {
      cancel()
      signal?.removeEventListener('abort', onAbort)
      this.#hurry = undefined
      this.#attemptedAt = this.#clock.now()
    }
  }

  #hurryUp(): void {
    if (!this.#isHurried) this.#hurry?.()
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

function givenUp(): AivError {
  return new AivError('E_ABORTED', 'the connection was given up')
}
