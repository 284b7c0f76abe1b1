/** Serves metrics over HTTP: one page, two methods, and bounds on whoever asks. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { systemClock, type TimerClock } from '../../core/index.ts'
import { hostPort, socketError } from '../../link/index.ts'
import { EXPOSITION_TYPE } from './exposition.ts'

const PATH = '/metrics'
/** A scraper is one connection or a few. */
const CONNECTIONS_MOST = 32
/** Bytes of a request's headers. */
const HEADERS_MOST = 8 * 1024
/** A connection has this long for its one request and the answer, whatever it does; milliseconds. */
const CONNECTION_MS = 5_000

export interface MetricsServer {
  /** Where to scrape, with the real port. */
  readonly url: string
  close(): Promise<void>
}

/**
 * @param host empty means loopback: the page shows how much the sessions move
 * @param text makes the page, once a scrape
 * @throws AivError `E_ADDRESS_IN_USE`, `E_PERMISSION`, `E_LINK`
 */
export async function serveMetrics(
  host: string,
  port: number,
  text: () => string,
  clock: TimerClock = systemClock,
): Promise<MetricsServer> {
  const { createServer } = await import('node:http')
  const bound = host === '' ? '127.0.0.1' : host
  // One answer a connection, as RFC 9112 section 9.6 has it: pages for a thousand requests at once would fill memory.
  const answered = new WeakSet<Socket>()
  const server = createServer({ maxHeaderSize: HEADERS_MOST }, (request, response) => {
    if (answered.has(request.socket)) return
    answered.add(request.socket)
    answer(request, response, text)
  })
  server.maxConnections = CONNECTIONS_MOST
  server.on('connection', (socket) => {
    // Time-outs of requests and of silence do not end who asks on and never reads: a few such would take every place.
    const cancel = clock.schedule(CONNECTION_MS, () => socket.destroy())
    socket.once('close', cancel)
  })
  await new Promise<void>((resolve, reject) => {
    const onFailure = (error: Error): void =>
      reject(socketError(`cannot serve metrics on ${hostPort(bound, port)}`, error))
    server.once('error', onFailure)
    server.listen({ host: bound, port }, () => {
      server.off('error', onFailure)
      // Out of file descriptors, say: the sessions go on, and so does the next scrape.
      server.on('error', () => {})
      resolve()
    })
  })
  const address = server.address() as AddressInfo
  return {
    url: `http://${hostPort(address.address, address.port)}${PATH}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

function answer(request: IncomingMessage, response: ServerResponse, text: () => string): void {
  // A scrape has no body: one that comes nevertheless is dropped.
  request.resume()
  const { method, url = '' } = request
  const ours = url.split('?', 1)[0] === PATH
  const readable = method === 'GET' || method === 'HEAD'
  if (!ours) reply(response, 404, 'not found\n')
  else if (!readable) {
    response.setHeader('Allow', 'GET, HEAD')
    reply(response, 405, 'use GET\n')
  } else reply(response, 200, text(), EXPOSITION_TYPE)
}

function reply(
  response: ServerResponse,
  status: number,
  body: string,
  type = 'text/plain; charset=utf-8',
): void {
  response.shouldKeepAlive = false
  response.writeHead(status, {
    'Content-Type': type,
    'Content-Length': Buffer.byteLength(body),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(body)
}
