/** Hosts and ports as text. */
import { isIPv6 } from 'node:net'

/** `host` without the brackets that an IPv6 literal has in an address. */
export function bareHost(host: string): string {
  return host.startsWith('[') && host.endsWith(']') ? host.slice(1, -1) : host
}

/** `host:port`, with brackets round an IPv6 literal. */
export function hostPort(host: string, port: number): string {
  const bare = bareHost(host)
  return isIPv6(bare) ? `[${bare}]:${port}` : `${bare}:${port}`
}
