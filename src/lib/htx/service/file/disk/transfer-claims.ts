/**
 * Which files are being received in this process, so that two transfers never write into one file. Other processes are
 * kept away by `PartLock`.
 *
 * A peer whose link broke comes back on a new session before this side has noticed that the old one is dead. Such a
 * transfer is taken over when it does not move any more; one that moves keeps its file.
 */
import type { TimerClock } from '../../../../core/index.ts'
import { TAKE_OVER_MS } from '../constants.ts'

export interface Claimant {
  /** Transfers of one session never take over from each other. */
  readonly session: object
  readonly peer: string
  /** The file was taken over: stop now. */
  readonly giveUp: () => void
}

export class Claim {
  readonly claimant: Claimant
  /** Settles when the file is free. */
  readonly released: Promise<void>
  readonly #key: string
  #steps = 0
  #settle: () => void = () => {}

  constructor(key: string, claimant: Claimant) {
    this.#key = key
    this.claimant = claimant
    this.released = new Promise((resolve) => {
      this.#settle = resolve
    })
  }

  /** Counts how often the transfer moved. */
  get steps(): number {
    return this.#steps
  }

  /** The transfer moved. */
  moved(): void {
    this.#steps++
  }

  release(): void {
    if (claims.get(this.#key) === this) claims.delete(this.#key)
    this.#settle()
  }
}

/** One table for the process: several services and downloads may share a folder. */
const claims = new Map<string, Claim>()

/** Claims a file; undefined when another transfer has it. */
export function claimFree(key: string, claimant: Claimant): Claim | undefined {
  if (claims.has(key)) return undefined
  const claim = new Claim(key, claimant)
  claims.set(key, claim)
  return claim
}

export function isClaimed(key: string): boolean {
  return claims.has(key)
}

/** Claims a file, if need be from a dead transfer of the same peer. */
export async function claimOrTakeOver(
  key: string,
  claimant: Claimant,
  clock: TimerClock,
): Promise<Claim | undefined> {
  const holder = claims.get(key)
  if (holder === undefined) return claimFree(key, claimant)
  const { session, peer } = holder.claimant
  if (peer !== claimant.peer || session === claimant.session) return undefined
  const before = holder.steps
  await Promise.race([holder.released, pause(clock, TAKE_OVER_MS)])
  if (claims.get(key) === holder) {
    if (holder.steps !== before) return undefined
    holder.claimant.giveUp()
    await holder.released
  }
  return claimFree(key, claimant)
}

function pause(clock: TimerClock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(ms, resolve)
  })
}
