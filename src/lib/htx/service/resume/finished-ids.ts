/** What is left of services that have finished: two counts each, so that a lost last ACK can be repeated (section 12.3). */
import type { Clock } from '../../../core/index.ts'
import { FINISHED_MOST, FINISHED_PER_PEER, ID_KEPT_MS } from './constants.ts'

export interface FinishedService {
  readonly peer: string
  /** Its name and parameters. */
  readonly service: string
  /** What either side has sent, END included. */
  readonly sent: number
  readonly received: number
}

interface Entry extends FinishedService {
  /** When it is forgotten, on the clock. */
  readonly until: number
}

export class FinishedIds {
  readonly #clock: Clock
  readonly #perPeer: number
  readonly #most: number
  /** In the order they finished. */
  readonly #all = new Map<string, Entry>()
  /** The same ones by peer: whoever finishes many pushes out none but its own. */
  readonly #byPeer = new Map<string, Set<string>>()

  constructor(clock: Clock, perPeer = FINISHED_PER_PEER, most = FINISHED_MOST) {
    this.#clock = clock
    this.#perPeer = perPeer
    this.#most = most
  }

  add(key: string, service: FinishedService): void {
    this.#expire()
    const { peer } = service
    const own = this.#byPeer.get(peer) ?? new Set()
    // A peer that has none takes the place of the oldest; every other makes room itself.
    const isFull = own.size >= this.#perPeer || this.#all.size >= this.#most
    const oldest = isFull ? first(own.size > 0 ? own : this.#all.keys()) : undefined
    if (oldest !== undefined) this.#delete(oldest)
    this.#byPeer.set(peer, own.add(key))
    this.#all.set(key, { ...service, until: this.#clock.now() + ID_KEPT_MS })
  }

  find(key: string): FinishedService | undefined {
    this.#expire()
    return this.#all.get(key)
  }

  #expire(): void {
    const now = this.#clock.now()
    for (const [key, { until }] of this.#all) {
      if (until > now) return
      this.#delete(key)
    }
  }

  #delete(key: string): void {
    const peer = this.#all.get(key)?.peer ?? ''
    this.#all.delete(key)
    const own = this.#byPeer.get(peer)
    own?.delete(key)
    if (own?.size === 0) this.#byPeer.delete(peer)
  }
}

function first(keys: Iterable<string>): string | undefined {
  for (const key of keys) return key
  return undefined
}
