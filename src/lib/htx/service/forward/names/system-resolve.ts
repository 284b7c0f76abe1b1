/**
 * Names as this machine knows them: its hosts file, `localhost`, then the DNS with the search list.
 *
 * The C library's getaddrinfo is not asked, although it knows more. It holds a thread until it answers and cannot be
 * called off: whoever runs the zone of a name can let it hang for half a minute, and a process has two threads for
 * that. Two such names, asked for by anybody, would stop all forwards by name, and more threads would take the places
 * of files and keys. The resolver here asks over sockets of its own, gives up after a set time and can be called off,
 * so that a name that hangs costs a peer its own places and nobody else anything. The price: names that only other
 * sources of nsswitch.conf(5) know, such as mDNS or LDAP, have to stand in the hosts file.
 */
import { Resolver } from 'node:dns/promises'
import { domainToASCII } from 'node:url'
import { isPublic } from '../access/addresses.ts'
import { ownAddresses } from '../access/own-addresses.ts'
import { DNS_TIMEOUT_MS, DNS_TRIES } from '../constants.ts'
import { candidates, type SearchList } from './search-list.ts'
import { type Hosts, hostsFile, searchListFile } from './system-files.ts'

/**
 * All addresses of a name, the preferred first. Ends what it does when the signal aborts.
 * @throws errors with the codes of `node:dns`
 */
export type Resolve = (name: string, signal: AbortSignal) => Promise<readonly string[]>

const NAME = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?$/

export interface NameSources {
  hosts(): Promise<Hosts>
  searchList(): Promise<SearchList>
  /** Name servers, `ADDRESS:PORT`; the system's when absent. */
  readonly servers?: readonly string[]
}

export function resolveFrom({ hosts, searchList, servers }: NameSources): Resolve {
  return async (name, signal) => {
    const full = domainToASCII(name).toLowerCase()
    if (!NAME.test(full)) throw notFound()
    const plain = full.replace(/\.$/, '')
    const known = (await hosts()).get(plain)
    if (known !== undefined) return known
    // RFC 6761 section 6.3: no name server is asked.
    if (isLocalhost(plain)) return ['127.0.0.1', '::1']
    // RFC 7686: a name server that saw it would know who wanted to go where.
    if (plain.endsWith('.onion')) throw notFound()
    let failure: unknown
    for (const candidate of candidates(full, await searchList())) {
      try {
        return await ask(candidate, signal, servers)
      } catch (error) {
        failure ??= error
        if (!isNotThere(error)) throw error
      }
    }
    throw failure
  }
}

export const systemResolve: Resolve = resolveFrom({ hosts: hostsFile, searchList: searchListFile })

export function isLocalhost(name: string): boolean {
  return /(?:^|\.)localhost\.?$/i.test(name)
}

/** Both kinds of addresses. A resolver for each name: it can be called off alone, and asks from a port of its own. */
async function ask(
  name: string,
  signal: AbortSignal,
  servers: readonly string[] | undefined,
): Promise<readonly string[]> {
  signal.throwIfAborted()
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, maxTimeout: DNS_TIMEOUT_MS, tries: DNS_TRIES })
  if (servers !== undefined) resolver.setServers(servers)
  const cancel = (): void => resolver.cancel()
  signal.addEventListener('abort', cancel, { once: true })
  try {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)])
    if (v4.status === 'rejected' && v6.status === 'rejected')
      throw isNotThere(v4.reason) ? v6.reason : v4.reason
    return inOrder(v4.status === 'fulfilled' ? v4.value : [], v6.status === 'fulfilled' ? v6.value : [])
  } finally {
    signal.removeEventListener('abort', cancel)
  }
}

/** In turn, as RFC 8305 section 4 has it; a machine without IPv6 has no use for such addresses before the others. */
function inOrder(v4: readonly string[], v6: readonly string[]): readonly string[] {
  if (!hasPublicV6()) return [...v4, ...v6]
  const most = Math.max(v4.length, v6.length)
  const pairs = Array.from({ length: most }, (_, i) => [v6[i], v4[i]])
  return pairs.flat().filter((address) => address !== undefined)
}

function hasPublicV6(): boolean {
  return ownAddresses.all().some((address) => address.family === 'ipv6' && isPublic(address))
}

/** The next name of the search list may exist. */
function isNotThere(error: unknown): boolean {
  return ['ENOTFOUND', 'ENODATA', 'EBADNAME'].includes(String((error as NodeJS.ErrnoException).code))
}

function notFound(): Error {
  return Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
}
