/** The page loads of a calibration: to the listener, under the name of its front origin. */
import { type FetchPageOptions, fetchPage } from '../browser/index.ts'
import type { CalibrationPage, PageRequest } from './calibrator.ts'

/** `host` and `port` are those of the HTX address. */
export type PageLoadOptions = Omit<FetchPageOptions, 'serverName' | 'path' | 'signal'>

/** For a {@link Calibrator}: loads what it asks for as Chrome does. */
export function pageLoads(options: PageLoadOptions): (request: PageRequest) => Promise<CalibrationPage> {
  return async ({ origin, address, signal }) => {
    const { hostname, pathname, search } = new URL(origin)
    return await fetchPage({
      ...options,
      // Behind a proxy the address that a connection shows is the proxy's.
      ...(options.proxy === undefined && address !== undefined ? { host: address } : {}),
      serverName: hostname,
      path: `${pathname}${search}`,
      ...(signal === undefined ? {} : { signal }),
    })
  }
}
