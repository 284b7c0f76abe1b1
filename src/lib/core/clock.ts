/**
 * Time as protocol cores see it. Cores never read the machine's clock: they get a {@link Clock}, so that a
 * simulation can own time and one seed repeats a failure.
 */
export interface Clock {
  /** Monotonic milliseconds, arbitrary origin, fractions allowed. For intervals and deadlines. */
  now(): number
  /** Wall-clock milliseconds since the Unix epoch. For certificates, tickets and time windows. */
  wallMs(): number
}

/** A clock that also calls back: what adapters use; cores only report when they want to be woken. */
export interface TimerClock extends Clock {
  /** Calls `callback` once after `delayMs`; the returned function cancels. Never keeps the process alive alone. */
  schedule(delayMs: number, callback: () => void): () => void
}

/** Longest delay of the machine's timers, about 24.8 days. */
const TIMER_MOST_MS = 2 ** 31 - 1

/** The machine's clock. */
export const systemClock: TimerClock = {
  now: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(delayMs, callback) {
    let timer: NodeJS.Timeout
    const wait = (leftMs: number): void => {
      // Beyond its limit the machine's timer would fire at once: a longer delay is waited for in parts.
      const partMs = Math.min(leftMs, TIMER_MOST_MS)
      timer = setTimeout(leftMs > partMs ? () => wait(leftMs - partMs) : callback, partMs)
      timer.unref()
    }
    wait(delayMs)
    return () => clearTimeout(timer)
  },
}

/** Unix time in whole seconds. */
export function unixSeconds(clock: Clock): number {
  return Math.floor(clock.wallMs() / 1000)
}

interface PendingTimer {
  readonly at: number
  readonly order: number
  readonly callback: () => void
}

/** A clock that stands still until it is advanced; timers fire in order of time, then of creation. */
export class ManualClock implements TimerClock {
  #now = 0
  #wallMs: number
  #order = 0
  readonly #timers = new Set<PendingTimer>()

  constructor(wallMs = 1_795_564_800_000) {
    this.#wallMs = wallMs
  }

  now(): number {
    return this.#now
  }

  wallMs(): number {
    return this.#wallMs
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer: PendingTimer = { at: this.#now + Math.max(0, delayMs), order: this.#order++, callback }
    this.#timers.add(timer)
    return () => this.#timers.delete(timer)
  }

  /** Time of the earliest pending timer, if any. */
  nextTimerAt(): number | undefined {
    return this.#earliest()?.at
  }

  /** Moves time forward by `ms`, firing every timer that falls due on the way. */
  advance(ms: number): void {
    const target = this.#now + ms
    for (;;) {
      const timer = this.#earliest()
      if (timer === undefined || timer.at > target) break
      this.#timers.delete(timer)
      this.#moveTo(timer.at)
      timer.callback()
    }
    this.#moveTo(target)
  }

  /** Shifts the wall clock only, as an administrator or NTP would. */
  jumpWall(ms: number): void {
    this.#wallMs += ms
  }

  #moveTo(at: number): void {
    this.#wallMs += at - this.#now
    this.#now = at
  }

  #earliest(): PendingTimer | undefined {
    let best: PendingTimer | undefined
    for (const timer of this.#timers) {
      if (best === undefined || timer.at < best.at || (timer.at === best.at && timer.order < best.order))
        best = timer
    }
    return best
  }
}
