/** Links over WebSocket (RFC 6455), plain and inside TLS. */
import { createServer as createHttpServer, type IncomingMessage, type RequestListener } from 'node:http'
import { createServer as createHttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import { type ClientOptions, WebSocket } from 'ws'
import { AivError } from '../core/index.ts'
import { attempt, whenAborted } from './attempt.ts'
import {
  WEBSOCKET_PATH,
  WEBSOCKET_PENDING_LIMITS,
  WEBSOCKET_REQUEST_CHECK_MS,
  WEBSOCKET_REQUEST_TIMEOUT_MS,
} from './constants.ts'
import type { Link, LinkTarget, Listener, ListenOptions } from './link.ts'
import { openSocket } from './proxy/open-socket.ts'
import { bareHost, hostPort } from './socket/host-port.ts'
import type { NewcomerLimits } from './socket/newcomers.ts'
import { listenerOf, remoteOf, startListening } from './socket/server.ts'
import { socketError } from './socket/socket-errors.ts'
import type { TcpDialOptions } from './tcp.ts'
import { type OuterTlsOptions, secureSocket } from './websocket/outer-tls.ts'
import { boundPendingSockets } from './websocket/pending-sockets.ts'
import { type AnyHttpServer, acceptUpgrades, isOurUpgrade, WEBSOCKET_LIMITS } from './websocket/upgrades.ts'
import { WebSocketLink } from './websocket/websocket-link.ts'

export interface WebSocketDialOptions extends TcpDialOptions, OuterTlsOptions {}

/**
 * Dials a `ws://` or `wss://` URL; without a path it means `/htx`.
 * @throws AivError `E_USAGE`, `E_CERTIFICATE`, `E_UNREACHABLE`, `E_TIMEOUT`, `E_ABORTED`, `E_PERMISSION`, `E_PROXY`, `E_LINK`
 */
export async function dialWebSocket(url: string | URL, options: WebSocketDialOptions = {}): Promise<Link> {
  const target = parseTarget(url)
  return attempt(`dialling ${target.name}`, options, async (signal) => {
    const plain = await openSocket(target.host, target.port, options.proxy, signal)
    const socket = target.secure ? await secureSocket(plain, target.host, options, signal) : plain
    return upgrade(target, socket, signal)
  })
}

/** The URL that means `target`. */
export function webSocketUrl({ host, port, path = WEBSOCKET_PATH, secure = false }: LinkTarget): URL {
  return new URL(path, `${secure ? 'wss' : 'ws'}://${hostPort(host, port)}`)
}

export interface WebSocketListenOptions extends ListenOptions {
  /** Default `/htx`. */
  readonly path?: string
  /** PEM; makes it `wss`. */
  readonly tls?: { readonly cert: string; readonly key: string }
  /** Answers every request that is not for us; default 404. */
  readonly onRequest?: RequestListener
  /** Sockets that have not upgraded, in all and of one /24 or /56; default 1,024 and 64. */
  readonly pendingLimits?: NewcomerLimits
  /** Milliseconds for a request, or a TLS handshake, to arrive; default 10,000. */
  readonly requestTimeoutMs?: number
}

/**
 * Listens with an HTTP or HTTPS server of its own.
 * @throws AivError `E_ADDRESS_IN_USE`, `E_PERMISSION`, `E_ABORTED`, `E_CERTIFICATE`, `E_LINK`
 */
export async function listenWebSocket(options: WebSocketListenOptions): Promise<Listener> {
  const { path = WEBSOCKET_PATH, tls, onRequest = answerNotFound } = options
  const { pendingLimits = WEBSOCKET_PENDING_LIMITS, requestTimeoutMs = WEBSOCKET_REQUEST_TIMEOUT_MS } =
    options
  // Makes Node itself treat what is not for us as an ordinary request; older versions ignore the option, and then
  // `acceptUpgrades` does the same by hand.
  const shared = {
    shouldUpgradeCallback: (request: IncomingMessage) => isOurUpgrade(request, path),
    headersTimeout: requestTimeoutMs,
    requestTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.min(WEBSOCKET_REQUEST_CHECK_MS, requestTimeoutMs),
  }
  const server =
    tls === undefined
      ? createHttpServer(shared, onRequest)
      : createTlsServer({ ...shared, ...tls, handshakeTimeout: requestTimeoutMs }, onRequest)
  const upgraded = boundPendingSockets(server, pendingLimits)
  acceptUpgrades(server, path, (webSocket, socket) => {
    upgraded(socket)
    options.onLink(accepted(webSocket, socket))
  })
  const address = await startListening(server, options)
  return listenerOf('ws', server, address, options)
}

export type WebSocketAttachOptions = Pick<WebSocketListenOptions, 'path' | 'signal' | 'onLink'>

/**
 * Takes the upgrades of one path on a server that already listens and answers everything else itself. Closing the
 * listener leaves the server alone.
 */
export function attachWebSocket(server: AnyHttpServer, options: WebSocketAttachOptions): Listener {
  const address = server.address()
  if (address === null || typeof address === 'string')
    throw new AivError('E_LINK', 'the HTTP server does not listen on a TCP port')
  const { path = WEBSOCKET_PATH, signal, onLink } = options
  const stop = acceptUpgrades(server, path, (webSocket, socket) => onLink(accepted(webSocket, socket)))
  const close = async (): Promise<void> => {
    forgetSignal()
    stop()
  }
  const forgetSignal = whenAborted(signal, stop)
  return { kind: 'ws', host: address.address, port: address.port, close }
}

interface Target {
  readonly url: URL
  readonly secure: boolean
  readonly host: string
  readonly port: number
  readonly name: string
}

function parseTarget(text: string | URL): Target {
  const url = URL.parse(String(text))
  const secure = url?.protocol === 'wss:'
  if (url === null || !(secure || url.protocol === 'ws:') || url.username !== '' || url.password !== '')
    throw new AivError('E_USAGE', 'not a usable WebSocket URL', {
      hint: 'write ws://host:port/path or wss://host:port/path',
    })
  url.hash = ''
  if (url.pathname === '/') url.pathname = WEBSOCKET_PATH
  const host = bareHost(url.hostname)
  const port = url.port === '' ? (secure ? 443 : 80) : Number(url.port)
  return { url, secure, host, port, name: hostPort(host, port) }
}

/** Runs the opening handshake on a connected socket. */
function upgrade(target: Target, socket: Socket, signal: AbortSignal): Promise<Link> {
  return new Promise((resolve, reject) => {
    const options: ClientOptions = { ...WEBSOCKET_LIMITS, createConnection: () => socket }
    const webSocket = new WebSocket(target.url, options)
    // A socket that comes through a proxy is paused; the request listens to it before this takes effect.
    socket.resume()
    const forgetSignal = whenAborted(signal, () => {
      socket.destroy()
      reject(signal.reason)
    })
    const fail = (error: AivError): void => {
      forgetSignal()
      socket.destroy()
      reject(error)
    }
    const onError = (error: Error): void => fail(socketError(`no WebSocket with ${target.name}`, error))
    webSocket.on('error', onError)
    webSocket.on('unexpected-response', (_request, response) =>
      fail(
        new AivError('E_LINK', `${target.name} answered the upgrade with HTTP ${response.statusCode}`, {
          hint: 'check host, port and path',
        }),
      ),
    )
    webSocket.once('open', () => {
      forgetSignal()
      webSocket.off('error', onError)
      resolve(new WebSocketLink(webSocket, socket, target.name))
    })
  })
}

function accepted(webSocket: WebSocket, socket: Socket): Link {
  return new WebSocketLink(webSocket, socket, remoteOf(socket))
}

const answerNotFound: RequestListener = (_request, response) => {
  const body = 'Not Found'
  response.writeHead(404, { 'Content-Type': 'text/plain', 'Content-Length': body.length })
  response.end(body)
}

function createTlsServer(
  options: Parameters<typeof createHttpsServer>[0],
  onRequest: RequestListener,
): ReturnType<typeof createHttpsServer> {
  try {
    return createHttpsServer(options, onRequest)
  } catch (cause) {
    throw new AivError('E_CERTIFICATE', 'the certificate and key for TLS are not usable together', {
      cause,
      hint: 'give a PEM certificate chain and its PEM private key',
    })
  }
}
