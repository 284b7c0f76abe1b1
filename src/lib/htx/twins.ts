/**
 * Twins (section 11): a plain link beside a camouflaged one, on its address and port or under its operator's name. The
 * plain link is a label on the hidden one, whoever of the two is seen first.
 */
import { isIP } from 'node:net'
import { AivError } from '../core/index.ts'
import type { HtxAddress, Scheme } from './address.ts'
import type { TicketGrant } from './ticket/index.ts'

/** An address to connect to, or one that is listened on. */
export interface Way {
  readonly scheme: Scheme
  /** Name, IPv4 or IPv6 literal without brackets. */
  readonly host: string
  readonly port: number
  /** `site` of the grant or of the ticket keys that belong to it. */
  readonly site?: string | undefined
}

/** The way that an address names, under the name of the site that its tickets are for. */
export function wayTo({ scheme, host, port }: HtxAddress, grant?: Pick<TicketGrant, 'site'>): Way {
  return { scheme, host, port, site: grant?.site }
}

/** What `htx+tcp` says of itself to anybody, and what the other links do; `htx+mem` leaves no process. */
const PLAIN: readonly Scheme[] = ['htx+tcp', 'htx+ws', 'htx+wss', 'htx+quic']

/**
 * Addresses of one `connect`, whether given or made from those that were.
 * @throws AivError `E_USAGE` when a plain one gives a camouflaged one away
 */
export function requireNoTwins(ways: readonly Way[]): void {
  for (const hidden of ways.filter(isHidden)) {
    const plain = ways.find((way) => isPlain(way) && (isSamePlace(hidden, way) || haveSameName(hidden, way)))
    if (plain === undefined) continue
    throw new AivError('E_USAGE', `${shown(plain)} gives away that ${shown(hidden)} is no web site`, {
      hint: 'Use the htx+https address alone, or have the peer listen under another name and on another port.',
    })
  }
}

/**
 * What listens on one machine: there one port number is enough, TCP or UDP, whatever the addresses.
 * @throws AivError `E_USAGE` when `own` and one of `others` are twins
 */
export function requireNoTwinListener(own: Way, others: readonly Way[]): void {
  const twin = others.find(
    (other) =>
      ((isHidden(own) && isPlain(other)) || (isPlain(own) && isHidden(other))) &&
      ((own.port !== 0 && own.port === other.port) || haveSameName(own, other)),
  )
  if (twin === undefined) return
  const [plain, hidden] = isPlain(own) ? [own, twin] : [twin, own]
  throw new AivError('E_USAGE', `a listener at ${shown(plain)} would give away the one at ${shown(hidden)}`, {
    hint: 'Stop the other listener, or listen under another name and on another port.',
  })
}

function isHidden({ scheme }: Way): boolean {
  return scheme === 'htx+https'
}

function isPlain({ scheme }: Way): boolean {
  return PLAIN.includes(scheme)
}

function isSamePlace(a: Way, b: Way): boolean {
  return a.port === b.port && canonicalHost(a.host) === canonicalHost(b.host)
}

function haveSameName(a: Way, b: Way): boolean {
  const names = namesOf(a)
  return namesOf(b).some((name) => names.includes(name))
}

/** Names of the operator. An IP literal is none: it says where a listener is, and only its port says which. */
function namesOf({ host, site }: Way): readonly string[] {
  return [host, site ?? '']
    .map(canonicalHost)
    .filter((name) => name !== '' && isIP(name.replace(/^\[(.*)\]$/, '$1')) === 0)
}

/** One spelling a host: `127.1`, `LOCALHOST.`, `[0:0::1]` and an IPv4 address in IPv6 form are what they mean. */
function canonicalHost(host: string): string {
  const literal = isIP(host) === 6 ? `[${host}]` : host
  const url = URL.parse(`http://${literal}/`)
  const name = (url?.hostname ?? literal.toLowerCase()).replace(/\.$/, '')
  const [, high, low] = /^\[::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})\]$/.exec(name) ?? []
  if (high === undefined || low === undefined) return name
  const [a, b] = [Number.parseInt(high, 16), Number.parseInt(low, 16)]
  return [a >> 8, a & 0xff, b >> 8, b & 0xff].join('.')
}

function shown({ scheme, host, port }: Way): string {
  return `${scheme}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`
}
