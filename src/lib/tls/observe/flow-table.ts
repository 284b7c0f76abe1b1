/**
 * State by flow, least recently used first, within a number of flows and a number of bytes. Whoever fills a capture
 * with flows pushes out old ones; memory stays where it is.
 */
export type FlowKey = string | number

export interface HeldState {
  /** Memory in use. */
  readonly heldBytes: number
  /** True while something has begun and is not complete. */
  readonly isPending: boolean
}

interface Entry<T> {
  readonly state: T
  /** What was last added to the sum. */
  heldBytes: number
}

export interface FlowLimits {
  readonly maxFlows: number
  readonly maxHeldBytes: number
}

/** 16 MiB, and as many flows as a busy server has handshakes under way. */
export const DEFAULT_FLOW_LIMITS: FlowLimits = { maxFlows: 4096, maxHeldBytes: 16 * 1024 * 1024 }

export class FlowTable<T extends HeldState> {
  readonly #limits: FlowLimits
  readonly #entries = new Map<FlowKey, Entry<T>>()
  #heldBytes = 0
  #evicted = 0

  constructor(limits: FlowLimits) {
    this.#limits = limits
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Flows given up while something of theirs was pending. */
  get evicted(): number {
    return this.#evicted
  }

  /** Flows with something pending now. */
  get pending(): number {
    let count = 0
    for (const { state } of this.#entries.values()) if (state.isPending) count++
    return count
  }

  get(key: FlowKey): T | undefined {
    return this.#entries.get(key)?.state
  }

  /** Makes the flow the most recent one and, where its memory has changed, pushes out the oldest until all fits. */
  touch(key: FlowKey, state: T): void {
    const known = this.#entries.get(key)
    const entry = known ?? { state, heldBytes: 0 }
    this.#entries.delete(key)
    this.#entries.set(key, entry)
    this.#heldBytes += state.heldBytes - entry.heldBytes
    entry.heldBytes = state.heldBytes
    const { maxFlows, maxHeldBytes } = this.#limits
    for (const [oldest, old] of this.#entries) {
      if (this.#entries.size <= maxFlows && this.#heldBytes <= maxHeldBytes) break
      this.#entries.delete(oldest)
      this.#heldBytes -= old.heldBytes
      if (old.state.isPending) this.#evicted++
    }
  }
}
