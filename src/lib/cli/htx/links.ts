/** `--link tcp,ws,quic`: the addresses of one peer in the order in which they are tried. */
import { AivError } from '../../core/index.ts'
import {
  formatAddress,
  type HtxAddress,
  parseAddress,
  requireNoTwins,
  type TicketGrant,
  wayTo,
} from '../../htx/index.ts'

const SCHEMES = {
  tcp: ['htx+tcp'],
  ws: ['htx+ws', 'htx+wss'],
  wss: ['htx+wss'],
  quic: ['htx+quic'],
} as const

type LinkWord = keyof typeof SCHEMES

/**
 * The given addresses, sorted by link. A link that none of them has is tried at the place of the first.
 * @param grant that the tickets are made from, if there is one
 * @throws AivError `E_ADDRESS`; `E_USAGE` for a link that does not exist, and for one that gives a camouflaged address
 *   away, be that address tried or not
 */
export function addressesInTurn(
  addresses: readonly string[],
  links: string | undefined,
  grant?: Pick<TicketGrant, 'site'>,
): readonly string[] {
  if (links === undefined) return addresses
  const parsed = addresses.map((address) => parseAddress(address, 'connect'))
  const inTurn = links.split(',').flatMap((word) => {
    if (!isLinkWord(word)) {
      throw new AivError('E_USAGE', `--link knows ${Object.keys(SCHEMES).join(', ')}, and not "${word}"`)
    }
    const schemes: readonly string[] = SCHEMES[word]
    const own = addresses.filter((_, i) => schemes.includes((parsed[i] as HtxAddress).scheme))
    return own.length > 0 ? own : [overLink(parsed[0] as HtxAddress, word)]
  })
  const tried = inTurn.map((address) => parseAddress(address, 'connect'))
  requireNoTwins([...parsed, ...tried].map((address) => wayTo(address, grant)))
  return inTurn
}

function overLink(address: HtxAddress, word: LinkWord): string {
  const path = word === 'ws' || word === 'wss' ? (address.path ?? '/htx') : undefined
  return formatAddress({ ...address, scheme: SCHEMES[word][0], path, bind: undefined })
}

function isLinkWord(word: string): word is LinkWord {
  return Object.hasOwn(SCHEMES, word)
}
