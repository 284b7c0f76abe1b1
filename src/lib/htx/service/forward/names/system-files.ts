/** The files of this machine that say what names mean. */
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { parseSearchList, type SearchList } from './search-list.ts'
import { watchedFile } from './watched-file.ts'

const HOSTS =
  process.platform === 'win32'
    ? join(process.env.SystemRoot ?? 'C:\\Windows', 'System32', 'drivers', 'etc', 'hosts')
    : '/etc/hosts'

/** Addresses by name in lower case. */
export type Hosts = ReadonlyMap<string, readonly string[]>

/** hosts(5): an address and its names on a line, `#` begins a comment. */
export function parseHosts(text: string): Hosts {
  const hosts = new Map<string, string[]>()
  for (const line of text.split('\n')) {
    const [address = '', ...names] = line.replace(/#.*/, '').trim().split(/\s+/)
    if (isIP(address) === 0) continue
    for (const name of names) {
      const key = name.toLowerCase()
      const known = hosts.get(key)
      if (known === undefined) hosts.set(key, [address])
      else if (!known.includes(address)) known.push(address)
    }
  }
  return hosts
}

export const hostsFile = watchedFile(HOSTS, parseHosts)
export const searchListFile = watchedFile(
  '/etc/resolv.conf',
  (text): SearchList => parseSearchList(text, hostname()),
)
