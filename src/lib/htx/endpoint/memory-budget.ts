/**
 * What the sessions of this process may hold for their peers together (section 14). Three quarters of it stop windows
 * from growing, seven eighths end what stands still, and at the whole of it nobody new is let in.
 */
import type { Clock } from '../../core/index.ts'

/** Bytes that all sessions of a process buffer at most, unless the operator says otherwise. */
const BUFFERED_MOST = 512 * 1024 * 1024

const GROWTH_SHARE = 0.75
const KEPT_SHARE = 0.875
/** The sum over all sessions is made at most this often; milliseconds. */
const RECOUNT_MS = 10

export interface Buffering {
  /** Bytes received and not taken, and bytes written and not sent. */
  readonly bufferedBytes: number
}

/** Every session and continued service of the process, whoever listens or dials. */
const sessionsOfProcess = new Set<Buffering>()

/** Counts a session, or a service that outlives its sessions, until `over` settles. */
export function countBuffered(session: Buffering, over: Promise<unknown>): void {
  sessionsOfProcess.add(session)
  const forget = (): void => void sessionsOfProcess.delete(session)
  over.then(forget, forget)
}

export class MemoryBudget {
  readonly #clock: Clock
  readonly #most: number
  readonly #sessions: Iterable<Buffering>
  #used = 0
  #countedAt = Number.NEGATIVE_INFINITY

  /** @param most bytes */
  constructor(clock: Clock, most = BUFFERED_MOST, sessions: Iterable<Buffering> = sessionsOfProcess) {
    this.#clock = clock
    this.#most = most
    this.#sessions = sessions
  }

  get windowsMayGrow(): boolean {
    return this.#usedBytes() <= this.#most * GROWTH_SHARE
  }

  /** Bytes until services that stand still are ended; negative beyond. The rest is for those who are still let in. */
  get room(): number {
    return this.#most * KEPT_SHARE - this.#usedBytes()
  }

  /** Nobody new is let in: neither sessions nor streams. */
  get isFull(): boolean {
    return this.#usedBytes() >= this.#most
  }

  #usedBytes(): number {
    const now = this.#clock.now()
    if (now - this.#countedAt < RECOUNT_MS) return this.#used
    this.#countedAt = now
    this.#used = 0
    for (const { bufferedBytes } of this.#sessions) this.#used += bufferedBytes
    return this.#used
  }
}
