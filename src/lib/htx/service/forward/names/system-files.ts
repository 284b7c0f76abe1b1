/** The files of this machine that say what names mean, read again when they have changed. */
import { readFile, stat } from 'node:fs/promises'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { parseSearchList, type SearchList } from './search-list.ts'

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

export const hostsFile = watched(HOSTS, parseHosts)
export const searchListFile = watched(
  '/etc/resolv.conf',
  (text): SearchList => parseSearchList(text, hostname()),
)

/** What `parse` makes of the file; of an empty text where it cannot be read. */
function watched<T>(path: string, parse: (text: string) => T): () => Promise<T> {
  let stamp: string | undefined
  let value = parse('')
  return async () => {
    const now = await stampOf(path)
    if (now === stamp) return value
    // A change during the reading has another stamp, and is read the next time.
    value = parse(now === '' ? '' : await readFile(path, 'utf8').catch(() => ''))
    stamp = now
    return value
  }
}

async function stampOf(path: string): Promise<string> {
  try {
    const { ino, size, mtimeMs, ctimeMs } = await stat(path)
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`
  } catch {
    return ''
  }
}
