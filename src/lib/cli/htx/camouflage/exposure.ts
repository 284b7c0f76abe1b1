/** What an address gives away. */
import { parseAddress } from '../../../htx/index.ts'

/**
 * Why the addresses are not hidden, each reason once.
 * @throws AivError `E_ADDRESS`
 */
export function exposuresOf(addresses: readonly string[]): readonly string[] {
  return [...new Set(addresses.map(exposureOf))].filter((reason) => reason !== undefined)
}

function exposureOf(address: string): string | undefined {
  const { scheme } = parseAddress(address, 'connect')
  switch (scheme) {
    case 'htx+https':
    case 'htx+mem':
      return undefined
    case 'htx+tcp':
      return 'htx+tcp is not hidden: its first bytes are recognised at once, and filters of fully encrypted traffic match them.'
    case 'htx+quic':
      return 'htx+quic is not hidden: it answers everybody with a TLS handshake that names libp2p.'
    case 'htx+ws':
    case 'htx+wss':
      return `${scheme} is hardly hidden: whoever looks at its handshake sees that no browser made it.`
  }
}
