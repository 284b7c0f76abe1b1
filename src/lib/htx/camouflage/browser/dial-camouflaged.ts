/** The client of the camouflaged link (HTX sections 9.3 and 10.2): Chrome that visits a site, until a ticket opens it. */
import { hostPort, type Link } from '../../../link/index.ts'
import { type CarriedTicket, carryTicket } from './carrier.ts'
import {
  type BrowserConnection,
  connectBrowser,
  type KeptTicket,
  WEBSOCKET_PROTOCOLS,
} from './connect-browser.ts'
import { withinLimits } from './deadline.ts'
import { type CamouflagedDialOptions, exporterOf } from './dial-options.ts'
import { guarded } from './guarded.ts'
import { observationOf } from './observation.ts'
import { type PageVisit, visitPage } from './page-visit.ts'
import { type BrowserIdentity, browserIdentity } from './request/browser-identity.ts'
import { requirePath } from './request/target.ts'
import { openOverHttp1, openOverHttp2 } from './web-socket.ts'

/** Of the page of mode `h2`. */
const PAGE_PATH = '/'

/**
 * Opens one link; no attempt of it is repeated.
 * @throws AivError of `dialTcp`; `E_USAGE`, `E_CERTIFICATE`, `E_HANDSHAKE`, `E_TOO_LARGE`, `E_TIMEOUT`, `E_ABORTED`, and
 *   what `ticket` and `inspect` throw
 */
export async function dialCamouflaged(options: CamouflagedDialOptions): Promise<Link> {
  const { host, port, path, major, acceptLanguage, mode } = options
  requirePath(path)
  const identity = browserIdentity({
    ...(major === undefined ? {} : { major }),
    ...(acceptLanguage === undefined ? {} : { acceptLanguage }),
  })
  return await withinLimits(
    `connecting to ${hostPort(host, port)}`,
    options,
    (signal) =>
      mode === 'h2' ? afterPage(options, identity, signal) : freshWebSocket(options, identity, signal),
    (late) => late.abort(),
  )
}

async function freshWebSocket(
  options: CamouflagedDialOptions,
  identity: BrowserIdentity,
  signal: AbortSignal,
  kept?: KeptTicket,
): Promise<Link> {
  const connection = await connectBrowser({ ...options, signal }, identity.major, WEBSOCKET_PROTOCOLS, kept)
  return await guarded(connection, signal, async () => {
    await options.inspect?.(observationOf(connection))
    signal.throwIfAborted()
    return await openOverHttp1(options, identity, connection, carried(options, connection))
  })
}

async function afterPage(
  options: CamouflagedDialOptions,
  identity: BrowserIdentity,
  signal: AbortSignal,
): Promise<Link> {
  const visit = await visitPage(options, identity, PAGE_PATH, signal)
  const { connection, session } = visit
  const link = await guarded(connection, signal, async () => {
    await options.inspect?.(visit.observation)
    signal.throwIfAborted()
    return session?.takesWebSockets === true
      ? await openOverHttp2(options, identity, connection, session, carried(options, connection))
      : undefined
  })
  return link ?? (await afterVisit(visit, options, identity, signal))
}

/** Without WebSockets on HTTP/2, a browser opens another connection, and offers what the first one gave it. */
async function afterVisit(
  visit: PageVisit,
  options: CamouflagedDialOptions,
  identity: BrowserIdentity,
  signal: AbortSignal,
): Promise<Link> {
  const kept = visit.connection.keptTicket()
  visit.close()
  return await freshWebSocket(options, identity, signal, kept)
}

function carried(
  { grant, ticket, path, random }: CamouflagedDialOptions,
  connection: BrowserConnection,
): CarriedTicket {
  return carryTicket(grant, ticket(exporterOf(connection)), path, random)
}
