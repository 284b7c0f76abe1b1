/** What a forward leads to: a TCP or UDP port, or a UNIX socket. */
import type { CborMap, CborValue } from '../../../core/index.ts'
import { refusal } from '../accept-service.ts'
import { HOST_MOST } from './constants.ts'

export interface Target {
  /** Name or IP address, IPv6 without brackets; a path that starts with `/` is a UNIX socket. */
  readonly host: string
  /** 0 for a UNIX socket, and to have one picked where a port is opened. */
  readonly port: number
}

/** Names of the DNS, addresses, paths: nothing that a log or a terminal could take for something else. */
const HOST = /^[^\s\p{C}%]+$/u

export function isUnixPath(host: string): boolean {
  return host.startsWith('/')
}

/** `host:port`, with brackets round IPv6; the path of a UNIX socket. */
export function formatTarget({ host, port }: Target): string {
  if (isUnixPath(host)) return host
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

export function targetParams({ host, port }: Target): CborMap {
  return { host, port }
}

/**
 * The target that the parameters of `tcp`, `udp` and `bind` name.
 * @param leastPort 0 where a port may be picked, else 1
 * @throws AivError `E_SERVICE_REFUSED`
 */
export function targetOf(params: CborMap, leastPort: 0 | 1): Target {
  const { host, port } = params as { readonly host?: CborValue; readonly port?: CborValue }
  if (typeof host !== 'string' || host.length > HOST_MOST || !HOST.test(host))
    throw refusal('the host is not a name or an address')
  const least = isUnixPath(host) ? 0 : leastPort
  const most = isUnixPath(host) ? 0 : 65_535
  if (typeof port !== 'number' || !Number.isInteger(port) || port < least || port > most)
    throw refusal('the port is not one')
  return { host, port }
}
