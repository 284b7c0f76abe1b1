/** One door to every kind of link. An implementation and its libraries load when it is first used. */
import { AivError } from '../core/index.ts'
import type { Link, LinkTarget, Listener, OpenableKind } from './link.ts'
import { type MemoryNetwork, processNetwork } from './memory.ts'
import type { QuicDialOptions, QuicListenOptions } from './quic.ts'
import type { AnyHttpServer } from './websocket/upgrades.ts'
import type { WebSocketAttachOptions, WebSocketDialOptions, WebSocketListenOptions } from './websocket.ts'

/** Each option counts for the kinds that have it. */
export interface DialLinkOptions extends WebSocketDialOptions, QuicDialOptions {
  /** World of memory links; default the process's own. */
  readonly network?: MemoryNetwork
}

export interface ListenLinkOptions extends WebSocketListenOptions, QuicListenOptions {
  readonly network?: MemoryNetwork
}

/** @throws AivError as the kind's own dial function, and `E_UNSUPPORTED` for a proxy that the kind cannot use */
export async function dialLink(
  kind: OpenableKind,
  target: LinkTarget,
  options: DialLinkOptions = {},
): Promise<Link> {
  const { host, port } = target
  switch (kind) {
    case 'tcp': {
      const { dialTcp } = await import('./tcp.ts')
      return dialTcp(host, port, options)
    }
    case 'ws': {
      const { dialWebSocket, webSocketUrl } = await import('./websocket.ts')
      return dialWebSocket(webSocketUrl(target), options)
    }
    case 'quic': {
      // Going round the proxy would show the peer and the local network what the user wanted hidden.
      if (options.proxy !== undefined)
        throw new AivError('E_UNSUPPORTED', 'a QUIC link cannot go through a proxy', {
          hint: 'use tcp, ws or wss',
        })
      const { dialQuic } = await import('./quic.ts')
      return dialQuic(host, port, options)
    }
    case 'memory':
      return (options.network ?? processNetwork).dial(host, port, options)
  }
}

/** @throws AivError as the kind's own listen function */
export async function listenLink(kind: OpenableKind, options: ListenLinkOptions): Promise<Listener> {
  switch (kind) {
    case 'tcp': {
      const { listenTcp } = await import('./tcp.ts')
      return listenTcp(options)
    }
    case 'ws': {
      const { listenWebSocket } = await import('./websocket.ts')
      return listenWebSocket(options)
    }
    case 'quic': {
      const { listenQuic } = await import('./quic.ts')
      return listenQuic(options)
    }
    case 'memory':
      return (options.network ?? processNetwork).listen(options)
  }
}

/**
 * Takes the WebSocket upgrades of one path on an HTTP server that already listens and answers everything else itself.
 * Closing the listener leaves the server alone.
 * @throws AivError `E_LINK` when the server does not listen on a TCP port
 */
export async function attachWebSocket(
  server: AnyHttpServer,
  options: WebSocketAttachOptions,
): Promise<Listener> {
  const webSocket = await import('./websocket.ts')
  return webSocket.attachWebSocket(server, options)
}
