/** Cover connections that are page loads of Chrome. */
import { type FetchPageOptions, fetchPage } from '../browser/index.ts'
import type { OpenCover } from './cover-connections.ts'

const HTTPS_PORT = 443

export type CoverPageOptions = Omit<FetchPageOptions, 'host' | 'port' | 'serverName' | 'path' | 'signal'>

/** For a `CoverPolicy`: fetches the page of each site, and leaves its connection open as a browser does. */
export function coverPages(options: CoverPageOptions): OpenCover {
  return async ({ origin, addresses, signal }) => {
    const { hostname, port, pathname, search } = new URL(origin)
    const name = hostname.replace(/^\[(.*)\]$/, '$1')
    return await fetchPage({
      ...options,
      host: addresses?.[0] ?? name,
      port: port === '' ? HTTPS_PORT : Number(port),
      serverName: name,
      path: `${pathname}${search}`,
      signal,
    })
  }
}
