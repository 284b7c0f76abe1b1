/** The nodes that packets go on to, each with its outbox. */
import { toHex } from '../../core/index.ts'
import { RouteTable } from '../node/route-table.ts'
import { Outbox, type OutboxOptions } from './outbox.ts'
import type { PacketPipe } from './packet-pipe.ts'

export interface PeerAddress {
  /** Node id, 32 bytes. */
  readonly id: Uint8Array
  /** URIs, in the order in which they are tried. */
  readonly addresses: readonly string[]
}

export interface PeersOptions extends Omit<OutboxOptions, 'dial' | 'onFailure'> {
  readonly dial: (address: string, signal: AbortSignal) => Promise<PacketPipe>
  readonly onFailure?: (address: string, error: unknown) => void
}

interface Peer {
  readonly addresses: readonly string[]
  readonly outbox: Outbox
}

export class Peers {
  readonly #options: PeersOptions
  readonly #byId = new Map<string, Peer>()
  #byRoute: readonly Outbox[] = []
  /** Those that got packets since the last flush. */
  readonly #touched = new Set<Outbox>()
  #routes = new RouteTable([])

  constructor(options: PeersOptions) {
    this.#options = options
  }

  /** For the node: the same order as that of the peers. */
  get routes(): RouteTable {
    return this.#routes
  }

  /** Links that are open. */
  get open(): number {
    return this.#byRoute.filter(({ isOpen }) => isOpen).length
  }

  /** Takes the nodes of a directory: keeps the links to those that are still there, ends the others. */
  set(peers: readonly PeerAddress[]): void {
    const kept = new Set<string>()
    this.#byRoute = peers.map(({ id, addresses }) => {
      const name = toHex(id)
      kept.add(name)
      const known = this.#byId.get(name)
      if (known !== undefined && isSame(known.addresses, addresses)) return known.outbox
      known?.outbox.close()
      const outbox = this.#outboxTo(addresses)
      this.#byId.set(name, { addresses, outbox })
      return outbox
    })
    for (const [name, { outbox }] of this.#byId) {
      if (kept.has(name)) continue
      outbox.close()
      this.#byId.delete(name)
    }
    this.#routes = new RouteTable(peers.map(({ id }) => id))
  }

  /** Gives a packet to the link of a peer; false when there is no room. */
  forward(route: number, packet: Uint8Array): boolean {
    const outbox = this.#byRoute[route]
    if (outbox === undefined || !outbox.add(packet)) return false
    this.#touched.add(outbox)
    return true
  }

  /** Sends what was given since the last call, and what the links did not take before. */
  flush(): void {
    for (const outbox of this.#touched) {
      outbox.flush()
      if (outbox.waiting === 0) this.#touched.delete(outbox)
    }
  }

  close(): void {
    for (const { outbox } of this.#byId.values()) outbox.close()
  }

  #outboxTo(addresses: readonly string[]): Outbox {
    let attempts = 0
    const address = (): string => addresses[attempts % addresses.length] as string
    return new Outbox({
      ...this.#options,
      dial: (signal) => this.#options.dial(address(), signal),
      onFailure: (error) => {
        this.#options.onFailure?.(address(), error)
        attempts++
      },
    })
  }
}

function isSame(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((address, at) => address === b[at])
}
