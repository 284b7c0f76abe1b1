/** The search list of resolv.conf(5): what a short name may stand for. */

export interface SearchList {
  readonly domains: readonly string[]
  /** A name with so many dots is first taken as it is. */
  readonly ndots: number
}

/** Domains that are tried, as in the C library. */
const DOMAINS_MOST = 6
const NDOTS_MOST = 15

/** @param hostname of this machine: its domain is searched where the file names none */
export function parseSearchList(text: string, hostname: string): SearchList {
  const dot = hostname.indexOf('.')
  let domains = dot === -1 ? [] : [hostname.slice(dot + 1)]
  let ndots = 1
  for (const line of text.split('\n')) {
    const [keyword, ...values] = line.trim().split(/\s+/)
    // The last of several lines counts.
    if (keyword === 'search') domains = values
    else if (keyword === 'domain') domains = values.slice(0, 1)
    else if (keyword === 'options') {
      const given = values.map((value) => /^ndots:(\d{1,3})$/.exec(value)?.[1]).find(Boolean)
      if (given !== undefined) ndots = Math.min(Number(given), NDOTS_MOST)
    }
  }
  const named = domains.map((domain) => domain.replace(/\.$/, '').toLowerCase())
  return { domains: named.filter((domain) => domain !== '').slice(0, DOMAINS_MOST), ndots }
}

/** Full names that a name may stand for, in the order in which they are asked for. */
export function candidates(name: string, { domains, ndots }: SearchList): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)]
  const searched = domains.map((domain) => `${name}.${domain}`)
  return name.split('.').length > ndots ? [name, ...searched] : [...searched, name]
}
