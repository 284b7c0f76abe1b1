/**
 * Connections that have not shown what they are for yet, bounded in all and per network prefix. The oldest of the
 * fullest prefix makes room: who means it is through in a moment, while who only holds places loses its own first.
 */
import { addressPrefix } from './address-prefix.ts'

export interface NewcomerLimits {
  readonly total: number
  readonly perPrefix: number
}

type Evict = () => void

export class Newcomers {
  readonly #limits: NewcomerLimits
  /** By prefix, each set in order of arrival. */
  readonly #byPrefix = new Map<string, Set<Evict>>()
  #total = 0

  constructor(limits: NewcomerLimits) {
    this.#limits = limits
  }

  /**
   * Takes a connection in.
   * @param address `host:port` of the peer
   * @param evict ends it when another needs its place; not called after it has left
   * @returns makes it leave; calls after the first do nothing
   */
  enter(address: string, evict: () => void): () => void {
    const prefix = addressPrefix(address)
    if ((this.#byPrefix.get(prefix)?.size ?? 0) >= this.#limits.perPrefix) this.#evictOldest(prefix)
    else if (this.#total >= this.#limits.total) this.#evictOldest(this.#fullest())
    // Its own function each time, so that one given twice counts twice.
    const member: Evict = () => evict()
    const members = this.#byPrefix.get(prefix) ?? new Set()
    members.add(member)
    this.#byPrefix.set(prefix, members)
    this.#total++
    return () => this.#leave(prefix, member)
  }

  #leave(prefix: string, member: Evict): void {
    const members = this.#byPrefix.get(prefix)
    if (members?.delete(member) !== true) return
    this.#total--
    if (members.size === 0) this.#byPrefix.delete(prefix)
  }

  #evictOldest(prefix: string): void {
    const [oldest] = this.#byPrefix.get(prefix) ?? []
    if (oldest === undefined) return
    this.#leave(prefix, oldest)
    oldest()
  }

  /** The one with the oldest entry among equals. */
  #fullest(): string {
    let fullest = ''
    let most = 0
    for (const [prefix, { size }] of this.#byPrefix) {
      if (size <= most) continue
      fullest = prefix
      most = size
    }
    return fullest
  }
}
