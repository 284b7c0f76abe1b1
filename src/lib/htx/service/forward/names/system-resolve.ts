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
import { domainToASCII } from 'node:url'
import { codeOf, DnsLookup, type DnsLookupOptions, isNotThere } from './dns-lookup.ts'
import { candidates, type SearchList } from './search-list.ts'
import { type Hosts, hostsFile, searchListFile } from './system-files.ts'

/**
 * All addresses of a name, the preferred first. Ends what it does when the signal aborts.
 * @throws errors with the codes of `node:dns`
 */
export type Resolve = (name: string, signal: AbortSignal) => Promise<readonly string[]>

/** What separates the parts of a URL: the mapping to ASCII would cut the name there, and another be asked for. */
const DELIMITER = /[/\\?#@:[\]]/

const NAME = /^[a-z0-9_-]{1,63}(?:\.[a-z0-9_-]{1,63})*\.?$/

export interface NameSources extends Omit<DnsLookupOptions, 'signal'> {
  hosts(): Promise<Hosts>
  searchList(): Promise<SearchList>
}

export function resolveFrom({ hosts, searchList, ...options }: NameSources): Resolve {
  return async (name, signal) => {
    if (DELIMITER.test(name)) throw notFound()
    const full = domainToASCII(name).toLowerCase()
    // Other digits have become those of ASCII: what looked like a name may be an address by now.
    if (!NAME.test(full) || endsInNumber(full)) throw notFound()
    const plain = full.replace(/\.$/, '')
    const known = (await hosts()).get(plain)
    if (known !== undefined) return known
    // RFC 6761 section 6.3: no name server is asked.
    if (isLocalhost(plain)) return ['127.0.0.1', '::1']
    // RFC 7686: a name server that saw it would know who wanted to go where.
    if (/(?:^|\.)onion$/.test(plain)) throw notFound()
    const lookup = new DnsLookup({ signal, ...options })
    let failure: unknown
    for (const candidate of candidates(full, await searchList())) {
      try {
        return await lookup.addresses(candidate)
      } catch (error) {
        // Name servers that fail for one domain may know the others: the C library asks on, too.
        if (!isNotThere(error) && codeOf(error) !== 'ESERVFAIL') throw error
        if (failure === undefined || isNotThere(failure)) failure = error
      }
    }
    throw failure
  }
}

export const systemResolve: Resolve = resolveFrom({ hosts: hostsFile, searchList: searchListFile })

export function isLocalhost(name: string): boolean {
  return /(?:^|\.)localhost\.?$/i.test(name)
}

/** What old functions of the system would take for an address, such as `0177.1`: no name ends so (RFC 1123). */
export function endsInNumber(name: string): boolean {
  return /(?:^|\.)(?:0x[0-9a-f]*|\d+)\.?$/i.test(name)
}

function notFound(): Error {
  return Object.assign(new Error('no such name'), { code: 'ENOTFOUND' })
}
