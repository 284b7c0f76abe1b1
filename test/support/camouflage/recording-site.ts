/**
 * A web site of Node's own TLS, HTTP and HTTP/2 that writes down what its clients send, sealed and open, and echoes
 * WebSockets through `ws`. Browsers and our client are held against each other on it.
 */
import { once } from 'node:events'
import { createServer as createHttpServer } from 'node:http'
import { createServer as createHttp2Server, type ServerHttp2Stream } from 'node:http2'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { createSecureContext, TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { selfSigned } from '../../link/certificates.ts'
import { sitePage } from './pages.ts'

export interface RecordedRequest {
  readonly protocol: 'h1' | 'h2'
  readonly method: string
  readonly path: string
  /** In order, names and values as they came; pseudo headers included. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
}

export interface RecordedConnection {
  alpn: string
  wasResumed: boolean
  /** What the client sent inside TLS, as it was read. */
  readonly opened: Uint8Array[]
  /** Everything on the wire from the client. */
  readonly wire: Uint8Array[]
  readonly requests: RecordedRequest[]
  exportKeyingMaterial(length: number, label: string, context: Uint8Array): Uint8Array
  hasEnded: boolean
  isGone: boolean
  /** Cuts it. */
  sever(): void
}

export interface SiteOptions {
  readonly alpn?: readonly string[]
  readonly takesWebSocketsOnHttp2?: boolean
  readonly http2Settings?: Readonly<Record<string, number>>
}

export interface RecordingSite {
  readonly port: number
  readonly pem: string
  readonly connections: readonly RecordedConnection[]
  /** Resolves when the condition holds, which is looked at when something comes. */
  until(condition: () => boolean): Promise<void>
}

export const SITE_NAME = 'site.example.test'
export const FORM_COOKIE_VALUE = 'A'.repeat(43)

export async function recordingSite(options: SiteOptions = {}): Promise<RecordingSite> {
  const { alpn = ['h2', 'http/1.1'], takesWebSocketsOnHttp2 = true, http2Settings = {} } = options
  const { cert, key } = selfSigned([`DNS:${SITE_NAME}`])
  const secureContext = createSecureContext({ cert, key })
  const connections: RecordedConnection[] = []
  const waiting = new Set<() => void>()
  const noticed = (): void => {
    for (const check of waiting) check()
  }
  const owners = new WeakMap<Duplex, RecordedConnection>()
  const webSockets = new WebSocketServer({ noServer: true })
  const http = createHttpServer((request, response) => {
    const chunks: Uint8Array[] = []
    request.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    request.on('end', () => {
      const { method = '', url = '', rawHeaders } = request
      const body = Buffer.concat(chunks).toString('latin1')
      owners
        .get(request.socket)
        ?.requests.push({ protocol: 'h1', method, path: url, fields: pairs(rawHeaders), body })
      const page = sitePage(method, url, FORM_COOKIE_VALUE)
      response.writeHead(page.status, { ...page.headers })
      response.end(page.body)
      noticed()
    })
  })
  http.on('upgrade', (request, socket, head) => {
    const { method = '', url = '', rawHeaders } = request
    owners
      .get(socket)
      ?.requests.push({ protocol: 'h1', method, path: url, fields: pairs(rawHeaders), body: '' })
    webSockets.handleUpgrade(request, socket, head, echo)
    noticed()
  })
  const http2 = createHttp2Server({
    settings: { enableConnectProtocol: takesWebSocketsOnHttp2, ...http2Settings },
  })
  http2.on('sessionError', () => {})
  http2.on('stream', (stream: ServerHttp2Stream, headers, _flags, raw) => {
    const method = String(headers[':method'])
    const path = String(headers[':path'])
    stream.on('error', () => {})
    const owner = sessionOwners.get(stream.session as object)
    const record = (body: string): void => {
      owner?.requests.push({ protocol: 'h2', method, path, fields: pairs(raw as unknown as string[]), body })
      noticed()
    }
    if (method === 'CONNECT') {
      record('')
      stream.respond({ ':status': 200 })
      const webSocket = new WebSocket(null as unknown as string, undefined, {}) as unknown as WebSocket & {
        setSocket(socket: Duplex, head: Buffer, options: object): void
        _isServer: boolean
      }
      webSocket._isServer = true
      webSocket.setSocket(stream, Buffer.alloc(0), {
        maxPayload: 0,
        skipUTF8Validation: false,
        allowSynchronousEvents: true,
      })
      echo(webSocket)
      return
    }
    const chunks: Uint8Array[] = []
    stream.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    stream.on('end', () => {
      record(Buffer.concat(chunks).toString('latin1'))
      const page = sitePage(method, path, FORM_COOKIE_VALUE)
      const endStream = page.body === ''
      stream.respond({ ':status': page.status, ...page.headers }, { endStream })
      if (!endStream) stream.end(page.body)
    })
  })
  const sessionOwners = new WeakMap<object, RecordedConnection>()
  const sockets = new Set<Socket>()
  const server = createTcpServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    const wire: Uint8Array[] = []
    const tls = new TLSSocket(tapped(socket, wire), {
      isServer: true,
      secureContext,
      ALPNProtocols: [...alpn],
    })
    const recorded: RecordedConnection = {
      alpn: '',
      wasResumed: false,
      opened: [],
      wire,
      requests: [],
      hasEnded: false,
      isGone: false,
      sever: () => void socket.destroy(),
      exportKeyingMaterial: (length, label, context) =>
        tls.exportKeyingMaterial(length, label, Buffer.from(context)),
    }
    socket.on('end', () => {
      recorded.hasEnded = true
      noticed()
    })
    socket.on('close', () => {
      recorded.isGone = true
      noticed()
    })
    connections.push(recorded)
    tls.on('error', () => {})
    tls.once('secure', () => {
      recorded.alpn = tls.alpnProtocol === false ? '' : String(tls.alpnProtocol)
      recorded.wasResumed = tls.isSessionReused()
      const open = tapped(tls, recorded.opened)
      owners.set(open, recorded)
      if (recorded.alpn === 'h2') {
        http2.once('session', (session) => sessionOwners.set(session, recorded))
        http2.emit('connection', open)
      } else http.emit('connection', open)
      noticed()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    pem: cert,
    connections,
    until(condition) {
      const { promise, resolve } = Promise.withResolvers<void>()
      const check = (): void => {
        if (!condition()) return
        waiting.delete(check)
        resolve()
      }
      waiting.add(check)
      check()
      return promise
    },
  }
}

function echo(webSocket: WebSocket): void {
  webSocket.on('error', () => {})
  webSocket.on('message', (data, isBinary) => webSocket.send(data, { binary: isBinary }))
}

/** The same stream; what is read from it is kept. */
function tapped(under: Duplex, kept: Uint8Array[]): Duplex {
  const tap = new Duplex({
    allowHalfOpen: true,
    read: () => void under.resume(),
    write: (chunk: Uint8Array, _encoding, callback) => void under.write(chunk, callback),
    final: (callback) => void under.end(callback),
    destroy: (error, callback) => {
      under.destroy()
      callback(error)
    },
  })
  under.on('data', (chunk: Uint8Array) => {
    kept.push(chunk)
    if (!tap.push(chunk)) under.pause()
  })
  under.on('end', () => tap.push(null))
  under.on('close', () => tap.destroy())
  tap.on('error', () => {})
  return tap
}

function pairs(raw: readonly string[]): readonly (readonly [string, string])[] {
  return raw.flatMap((name, index) => (index % 2 === 0 ? [[name, raw[index + 1] as string] as const] : []))
}
