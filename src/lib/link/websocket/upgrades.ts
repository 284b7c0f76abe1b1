/**
 * Upgrades on an HTTP server. Only a correct WebSocket upgrade of our path is ours; every other request, upgrades
 * included, gets the server's own answer (HTX section 15).
 */
import { type Server as HttpServer, type IncomingMessage, ServerResponse } from 'node:http'
import type { Server as HttpsServer } from 'node:https'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { type WebSocket, WebSocketServer } from 'ws'
import {
  WEBSOCKET_CLOSE_TIMEOUT_MS,
  WEBSOCKET_MAX_MESSAGE_BYTES,
  WEBSOCKET_MAX_PIECES,
} from '../constants.ts'

export type AnyHttpServer = HttpServer | HttpsServer

/** Bounds that both roles give `ws`. */
export const WEBSOCKET_LIMITS = {
  perMessageDeflate: false,
  maxPayload: WEBSOCKET_MAX_MESSAGE_BYTES,
  maxBufferedChunks: WEBSOCKET_MAX_PIECES,
  maxFragments: WEBSOCKET_MAX_PIECES,
  closeTimeout: WEBSOCKET_CLOSE_TIMEOUT_MS,
} as const

/** True for a request that `ws` completes without an error answer of its own. */
export function isOurUpgrade(request: IncomingMessage, path: string): boolean {
  const { headers, method, url = '' } = request
  return (
    method === 'GET' &&
    url.split('?', 1)[0] === path &&
    headers.upgrade?.toLowerCase() === 'websocket' &&
    headers['sec-websocket-version'] === '13' &&
    /^[+/0-9A-Za-z]{22}==$/.test(headers['sec-websocket-key'] ?? '')
  )
}

/** Accepts the upgrades of `path` on `server`; the returned function stops. Accepted WebSockets live on. */
export function acceptUpgrades(
  server: AnyHttpServer,
  path: string,
  onWebSocket: (webSocket: WebSocket, socket: Socket) => void,
): () => void {
  const acceptor = new WebSocketServer({
    ...WEBSOCKET_LIMITS,
    noServer: true,
    clientTracking: false,
    handleProtocols: () => false,
  })
  const onUpgrade = (request: IncomingMessage, stream: Duplex, head: Buffer): void => {
    if (isOurUpgrade(request, path))
      acceptor.handleUpgrade(request, stream, head, (webSocket) => onWebSocket(webSocket, stream as Socket))
    else if (server.listenerCount('upgrade') === 1) answerPlainly(server, request, stream as Socket)
  }
  server.on('upgrade', onUpgrade)
  return () => {
    server.off('upgrade', onUpgrade)
    acceptor.close()
  }
}

/** Hands an upgrade request that nobody wants to the server's request handler. */
function answerPlainly(server: AnyHttpServer, request: IncomingMessage, socket: Socket): void {
  socket.on('error', () => socket.destroy())
  const response = new ServerResponse(request)
  response.shouldKeepAlive = false
  response.assignSocket(socket)
  response.on('finish', () => socket.end())
  server.emit('request', request, response)
}
