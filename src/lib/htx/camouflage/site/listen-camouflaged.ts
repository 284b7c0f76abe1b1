/** A web site that is a listener to those who bring a ticket (HTX section 10.3). */
import { createServer, type Server, type ServerOptions } from 'node:https'
import type { TLSSocket } from 'node:tls'
import { AivError, type Clock, type RandomSource } from '../../../core/index.ts'
import {
  type Listener,
  type ListenOptions,
  listenerOf,
  type NewcomerLimits,
  startListening,
} from '../../../link/index.ts'
import type {
  AccessTicketBinding,
  AccessTicketOutcome,
  AccessTicketVerifier,
  TicketSite,
  TicketVersion,
} from '../../ticket/index.ts'
import {
  HANDSHAKE_TIMEOUT_MS,
  HEADERS_TIMEOUT_MS,
  KEEP_ALIVE_MS,
  REQUEST_TIMEOUT_MS,
  VISITOR_LIMITS,
} from './constants.ts'
import { type Decoy, openDecoy } from './decoy/open-decoy.ts'
import { Gate } from './gate.ts'
import { Http1Site } from './http1-site.ts'
import { Http2Site } from './http2-site.ts'
import { type Exporter, Visit } from './visit.ts'
import { Visitors } from './visitors.ts'

export interface CamouflagedListenOptions extends ListenOptions {
  /** PEM: the certificate chain of the site, and its private key. */
  readonly tls: { readonly cert: string; readonly key: string }
  /** Where a WebSocket becomes a link. */
  readonly path: string
  /** Of the grant: its path and its cookie. */
  readonly site: TicketSite
  /** What everybody else sees. */
  readonly decoy: Decoy
  readonly verifier: AccessTicketVerifier
  /** What tickets are bound to; the exporter is undefined before TLS 1.3. */
  readonly binding: (exporter: Exporter | undefined) => AccessTicketBinding
  /** Of tickets that are taken. */
  readonly versions: readonly TicketVersion[]
  /** What became of each ticket that could have led to a link. */
  readonly onTicket?: (outcome: AccessTicketOutcome) => void
  readonly clock: Clock
  readonly random: RandomSource
  /** Connections that carry no link, in all and of one /24 or /56; default 1,024 and 64. */
  readonly visitorLimits?: NewcomerLimits
}

/**
 * Serves the decoy over HTTP/1.1 and HTTP/2, and gives `onLink` each connection that brings a valid ticket.
 * @throws AivError `E_CERTIFICATE`, `E_NOT_FOUND` and `E_INPUT` (decoy), `E_ADDRESS_IN_USE`, `E_PERMISSION`, `E_ABORTED`, `E_LINK`
 */
export async function listenCamouflaged(options: CamouflagedListenOptions): Promise<Listener> {
  const { tls, path, site, verifier, binding, versions, clock, random, signal } = options
  const { visitorLimits = VISITOR_LIMITS, onLink, onTicket, onError = () => {} } = options
  const decoy = await openDecoy(options.decoy, { formPath: site.path, random, onError })
  const visitors = new Visitors(visitorLimits)
  const visits = new WeakMap<TLSSocket, Visit>()
  const parts = {
    gate: new Gate({
      path,
      site,
      verifier,
      versions,
      onError,
      ...(onTicket === undefined ? {} : { onTicket }),
    }),
    decoy,
    random,
    visitOf: (socket: TLSSocket): Visit => visits.get(socket) as Visit,
    onLink,
    onError,
  }
  const http1 = new Http1Site(parts, (socket) => readHttp1(socket))
  const http2 = new Http2Site(parts)
  const server = createSite(tls, {
    shouldUpgradeCallback: (request) => http1.takesUpgrade(request),
  })
  const readHttp1 = takeOverConnections(server, (socket) => {
    // There from the start and for good: a reset may come between two owners of the connection.
    socket.on('error', () => {})
    visits.set(socket, new Visit(socket, { clock, random, binding, onLeave: () => visitors.leave(socket) }))
    if (socket.alpnProtocol === 'h2') http2.take(socket)
    else readHttp1(socket)
  })
  server.on('connection', (socket) => visitors.enter(socket))
  server.on('request', (request, response) => http1.request(request, response))
  server.on('upgrade', (request, socket, head) => http1.upgrade(request, socket, new Uint8Array(head)))
  const address = await startListening(server, options).catch((error: unknown) => {
    decoy.close()
    throw error
  })
  const { close: stopListening, ...where } = listenerOf('https', server, address, options)
  const close = async (): Promise<void> => {
    signal?.removeEventListener('abort', onAbort)
    await stopListening()
    visitors.close()
    decoy.close()
  }
  const onAbort = (): void => void close()
  signal?.addEventListener('abort', onAbort, { once: true })
  return { ...where, close }
}

function createSite(tls: CamouflagedListenOptions['tls'], options: ServerOptions): Server {
  try {
    return createServer({
      ...options,
      ...tls,
      ALPNProtocols: ['h2', 'http/1.1'],
      handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
      headersTimeout: HEADERS_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_MS,
    })
  } catch (cause) {
    throw new AivError('E_CERTIFICATE', 'the certificate and key for TLS are not usable together', {
      cause,
      hint: 'give a PEM certificate chain and its PEM private key',
    })
  }
}

/**
 * Gives every connection to `take` where Node's server would read HTTP/1.1 on it.
 * @returns what the server would have done
 */
function takeOverConnections(server: Server, take: (socket: TLSSocket) => void): (socket: TLSSocket) => void {
  const readers = server.listeners('secureConnection') as ((socket: TLSSocket) => void)[]
  server.removeAllListeners('secureConnection')
  server.on('secureConnection', take)
  return (socket) => {
    for (const read of readers) read.call(server, socket)
  }
}
