/** The addresses of this machine. What listens on them often trusts that only a firewall's inside can reach them. */
import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os'
import { type Clock, systemClock } from '../../../../core/index.ts'
import { OWN_ADDRESSES_MS } from '../constants.ts'
import { carriedIpv4, type IpAddress, isUnspecified, parseAddressText } from './addresses.ts'

/** As of `node:os`; throws when the process is out of descriptors. */
type ListInterfaces = () => NodeJS.Dict<NetworkInterfaceInfo[]>

export class OwnAddresses {
  readonly #clock: Clock
  readonly #list: ListInterfaces
  #known: ReadonlyMap<string, IpAddress> | undefined
  #listedAt = 0

  constructor(clock: Clock, list: ListInterfaces) {
    this.#clock = clock
    this.#list = list
  }

  /** Every address counts as one of this machine while none could be listed: better refused than reached. */
  has(address: IpAddress): boolean {
    if (isUnspecified(address)) return true
    const own = this.#current()
    if (own === undefined) return true
    const carried = carriedIpv4(address)
    return own.has(address.address) || (carried !== undefined && own.has(carried.address))
  }

  all(): readonly IpAddress[] {
    return [...(this.#current()?.values() ?? [])]
  }

  /** They come and go while a listener runs, and a machine with many interfaces is slow to list them. */
  #current(): ReadonlyMap<string, IpAddress> | undefined {
    const at = this.#clock.now()
    if (this.#known !== undefined && at - this.#listedAt < OWN_ADDRESSES_MS) return this.#known
    try {
      const all = Object.values(this.#list()).flatMap((each) => each ?? [])
      const parsed = all.map(({ address }) => parseAddressText(address.replace(/%.*$/, '')))
      this.#known = new Map(parsed.flatMap((own) => (own === undefined ? [] : [[own.address, own]])))
      this.#listedAt = at
    } catch {
      // Those listed last stand, and the next question lists them anew.
    }
    return this.#known
  }
}

export const ownAddresses = new OwnAddresses(systemClock, networkInterfaces)
