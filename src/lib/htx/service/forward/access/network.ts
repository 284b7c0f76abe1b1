/** Entries of an access list that name an address or a network. */
import { BlockList } from 'node:net'
import { carriedIpv4, type IpAddress, isLoopback, isPublic, isSpecialNetwork } from './addresses.ts'

export interface NetworkPattern {
  readonly kind: 'network'
  /** @param isOwn whether an address is one of this machine */
  opens(address: IpAddress, isOwn: (address: IpAddress) => boolean): boolean
}

/** One address: whoever writes it means it, whatever it is. */
export function exactly({ address }: IpAddress): NetworkPattern {
  return { kind: 'network', opens: (other) => other.address === address }
}

/**
 * A network. It opens its public addresses, and special ones only where all of it is special: `0.0.0.0/0` means the
 * internet, not the loopback. The machine's own addresses are not what somebody has in mind who opens a network to
 * peers, the loopback excepted, which holds nothing else.
 */
export function network(net: IpAddress, prefix: number): NetworkPattern {
  if (prefix === (net.family === 'ipv4' ? 32 : 128)) return exactly(net)
  const list = new BlockList()
  list.addSubnet(net.address, prefix, net.family)
  const isSpecial = isSpecialNetwork(net, prefix)
  const carries = carriedIpv4(net) !== undefined
  const isMeant = (address: IpAddress): boolean => {
    if (isSpecial || isPublic(address)) return true
    const carried = carries ? carriedIpv4(address) : undefined
    return carried !== undefined && isPublic(carried)
  }
  return {
    kind: 'network',
    // An IPv4 address also lies in networks that hold its mapped form; only its own kind counts.
    opens: (address, isOwn) =>
      address.family === net.family &&
      list.check(address.address, address.family) &&
      isMeant(address) &&
      (isLoopback(address) || !isOwn(address)),
  }
}
