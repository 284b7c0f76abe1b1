/** An ordinary page load of Chrome: for cover, and to see what a server shows to browsers. */
import { hostPort } from '../../../link/index.ts'
import type { BrowserConnectOptions } from './connect-browser.ts'
import { withinLimits } from './deadline.ts'
import type { ServerObservation } from './observation.ts'
import { visitPage } from './page-visit.ts'
import { browserIdentity } from './request/browser-identity.ts'
import { requirePath } from './request/target.ts'

export interface FetchPageOptions extends BrowserConnectOptions {
  /** Default `/`. */
  readonly path?: string
}

export interface FetchedPage {
  readonly observation: ServerObservation
  readonly status: number
  /** Names in lower case; several of one name are joined. */
  readonly headers: Readonly<Record<string, string>>
  /** Lets the connection go, which is open until then unless the server closed it. */
  close(): void
}

/**
 * Loads one page as Chrome does and drops its content.
 * @throws AivError of `dialTcp`; `E_USAGE`, `E_CERTIFICATE`, `E_HANDSHAKE`, `E_TOO_LARGE`, `E_TIMEOUT`, `E_ABORTED`
 */
export async function fetchPage(options: FetchPageOptions): Promise<FetchedPage> {
  const { host, port, path = '/', major, acceptLanguage } = options
  requirePath(path)
  const identity = browserIdentity({
    ...(major === undefined ? {} : { major }),
    ...(acceptLanguage === undefined ? {} : { acceptLanguage }),
  })
  return await withinLimits(
    `loading a page from ${hostPort(host, port)}`,
    options,
    (signal) => visitPage(options, identity, path, signal),
    (late) => late.close(),
  )
}
