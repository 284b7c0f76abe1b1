/** Who may have what reached from here. Nothing is permitted that no entry names. */
import type { Target } from '../target.ts'
import { type IpAddress, isLoopback, isPublic, isUnspecified } from './addresses.ts'
import { ownAddresses } from './own-addresses.ts'
import type { PermitEntry } from './permit-entry.ts'

export interface AccessListOptions {
  /** Every public address may be reached by everybody who was let in; nothing may be opened for this. */
  readonly everythingPublic?: boolean
  /** Whether an address is one of this machine. Default: asks the system. */
  readonly isOwn?: (address: IpAddress) => boolean
}

export type Purpose = 'reach' | 'open'

/**
 * What a name may turn out to be permitted as: one that an entry names; one that leads to a public address; one that
 * leads into a network; or nothing, wherever it leads.
 */
export type Prospect = 'named' | 'public' | 'networks' | 'none'

export class AccessList {
  #entries: readonly PermitEntry[]
  readonly #everythingPublic: boolean
  readonly #isOwn: (address: IpAddress) => boolean
  readonly #watchers = new Set<() => void>()

  constructor(entries: readonly PermitEntry[], options: AccessListOptions = {}) {
    const { everythingPublic = false, isOwn = (address) => ownAddresses.has(address) } = options
    this.#entries = entries
    this.#everythingPublic = everythingPublic
    this.#isOwn = isOwn
  }

  /**
   * Puts other entries in force, also for what is open already.
   * @throws what a watcher throws, after all have been called: one that fails must not keep open what others would end
   */
  replace(entries: readonly PermitEntry[]): void {
    this.#entries = entries
    const failures: unknown[] = []
    for (const watcher of [...this.#watchers]) {
      try {
        watcher()
      } catch (error) {
        failures.push(error)
      }
    }
    if (failures.length > 0) throw failures[0]
  }

  /** Calls `watcher` after each change. @returns stops that */
  watch(watcher: () => void): () => void {
    this.#watchers.add(watcher)
    return () => this.#watchers.delete(watcher)
  }

  /** What the entries say of a name, before anybody has looked up where it leads. */
  prospectOf(peer: string, target: Target, purpose: Purpose): Prospect {
    const entries = this.#entriesFor(peer, target)
    const name = canonicalName(target.host)
    if (entries.some(({ host }) => host.kind === 'name' && host.name === name)) return 'named'
    if (this.#everythingPublic && purpose === 'reach') return 'public'
    if (entries.some(({ host }) => host.kind === 'any')) return 'public'
    return entries.some(({ host }) => host.kind === 'network') ? 'networks' : 'none'
  }

  permitsUnix(peer: string, path: string): boolean {
    return this.#entriesFor(peer, { host: path, port: 0 }).some(
      ({ host }) => host.kind === 'unix' && host.path === path,
    )
  }

  /**
   * @param target as the peer named it
   * @param address what that leads to, and what is dialled
   */
  permits(peer: string, target: Target, address: IpAddress, purpose: Purpose): boolean {
    if (purpose === 'reach' && isUnspecified(address)) return false
    const open = isPublic(address) && !this.#isOwn(address)
    if (open && this.#everythingPublic && purpose === 'reach') return true
    const name = canonicalName(target.host)
    return this.#entriesFor(peer, target).some(({ host }) => {
      if (host.kind === 'network') return host.opens(address, this.#isOwn)
      if (host.kind === 'any') return open
      // Whoever runs the zone of a name could point it into our network, so a name opens public addresses only.
      return (
        host.kind === 'name' && host.name === name && (open || (name === 'localhost' && isLoopback(address)))
      )
    })
  }

  #entriesFor(peer: string, { port }: Target): readonly PermitEntry[] {
    return this.#entries.filter(
      (entry) => (entry.peer === '*' || entry.peer === peer) && (entry.port === '*' || entry.port === port),
    )
  }
}

function canonicalName(host: string): string {
  return host.toLowerCase().replace(/\.$/, '')
}
