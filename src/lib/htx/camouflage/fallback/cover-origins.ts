/** The sites that cover connections go to (section 11): from the operator's list, and none of them near the HTX origin. */
import { isIP } from 'node:net'
import { AivError } from '../../../core/index.ts'
import { COVER_ORIGINS_LEAST } from './constants.ts'

const HINT = `Name ${COVER_ORIGINS_LEAST} or more ordinary web sites, such as https://www.example.org/, that have nothing to do with the peer.`

/** Addresses of a host, as text; all that are known. */
export type Resolve = (host: string, signal: AbortSignal) => Promise<readonly string[]>

/**
 * Checks the operator's list.
 * @returns one URL of each site, in one spelling
 * @throws AivError `E_USAGE` for fewer than 4 different sites, or for what is no https URL
 */
export function parseCoverOrigins(list: readonly string[]): readonly string[] {
  const sites = new Map<string, string>()
  for (const text of list) {
    const url = URL.parse(text)
    if (url?.protocol !== 'https:' || url.username !== '' || url.password !== '')
      throw new AivError('E_USAGE', 'a cover origin is not an https URL', { hint: HINT })
    const site = canonical(url.hostname)
    if (!sites.has(site)) sites.set(site, url.href)
  }
  if (sites.size < COVER_ORIGINS_LEAST)
    throw new AivError('E_USAGE', `fewer than ${COVER_ORIGINS_LEAST} cover origins`, { hint: HINT })
  return [...sites.values()]
}

/**
 * The names alone: what can be said before anything is looked up.
 * @param hosts names and addresses of the HTX origin: host of the address, site of the grant, calibrated origin
 * @throws AivError `E_USAGE` when a cover origin is the HTX origin
 */
export function requireOtherNames(origins: readonly string[], hosts: readonly string[]): void {
  const own = hosts.map(canonical)
  const near = origins.map((origin) => new URL(origin).hostname).find((name) => own.includes(canonical(name)))
  if (near !== undefined) throw tooNear(`${near} is the origin that it is to draw attention from`)
}

/**
 * Looks up one cover origin just before it is used. All of the list at once would be a burst of queries that nobody else
 * makes.
 * @param own addresses of the HTX origin
 * @returns addresses to connect to
 * @throws AivError `E_USAGE` when it shares an address with the HTX origin; what `resolve` throws
 */
export async function resolveCover(
  origin: string,
  own: readonly string[],
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const { hostname } = new URL(origin)
  const addresses = await addressesOf(hostname, resolve, signal)
  const near = own.map(canonical)
  if (addresses.some((address) => near.includes(canonical(address))))
    throw tooNear(`${hostname} shares an address with the origin that it is to draw attention from`)
  return addresses
}

/** An address stands for itself. @param host without or with the brackets of a URL */
export async function addressesOf(
  host: string,
  resolve: Resolve,
  signal: AbortSignal,
): Promise<readonly string[]> {
  const bare = host.replace(/^\[(.*)\]$/, '$1')
  return isIP(bare) === 0 ? await resolve(bare, signal) : [bare]
}

function tooNear(why: string): AivError {
  return new AivError('E_USAGE', `a cover origin is useless: ${why}`, { hint: HINT })
}

/** One spelling for each address and name. */
function canonical(host: string): string {
  const bare = host.replace(/^\[(.*)\]$/, '$1').replace(/%.*$/, '')
  const url = URL.parse(`http://${isIP(bare) === 6 ? `[${bare}]` : bare}/`)
  return (url?.hostname ?? bare.toLowerCase()).replace(/\.$/, '')
}
