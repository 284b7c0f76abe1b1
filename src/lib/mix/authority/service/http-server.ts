/** The HTTP side of an authority. Everything in it is public and signed, so that the connection need not be. */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from '../../../core/index.ts'
import { hostPort, socketError } from '../../../link/index.ts'
import type { ServiceAnswer } from './authority-service.ts'
import { CONNECTIONS_MOST, HEADERS_MOST, POST_MOST, REQUEST_MS } from './constants.ts'

export interface AuthorityServer {
  /** Base of its URLs, with the real port. */
  readonly url: string
  close(): Promise<void>
}

export type AnswerRequest = (method: string, path: string, body: Uint8Array) => ServiceAnswer

/** @throws AivError `E_ADDRESS_IN_USE`, `E_PERMISSION`, `E_LINK` */
export async function serveAuthority(
  host: string,
  port: number,
  answer: AnswerRequest,
): Promise<AuthorityServer> {
  const { createServer } = await import('node:http')
  const bounds = { maxHeaderSize: HEADERS_MOST, requestTimeout: REQUEST_MS, headersTimeout: REQUEST_MS }
  const server = createServer(bounds, (request, response) => {
    response.setTimeout(REQUEST_MS, () => response.destroy())
    // A request that breaks off is its sender's loss.
    respond(request, response, answer).catch(() => response.destroy())
  })
  server.maxConnections = CONNECTIONS_MOST
  await new Promise<void>((resolve, reject) => {
    const onFailure = (error: Error): void =>
      reject(socketError(`cannot serve the directory on ${hostPort(host, port)}`, error))
    server.once('error', onFailure)
    server.listen({ host, port }, () => {
      server.off('error', onFailure)
      // Out of file descriptors, say: the next request may find some.
      server.on('error', () => {})
      resolve()
    })
  })
  const address = server.address() as AddressInfo
  return {
    url: `http://${hostPort(address.address, address.port)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function respond(
  request: IncomingMessage,
  response: ServerResponse,
  answer: AnswerRequest,
): Promise<void> {
  const body = await readBody(request)
  const [path = ''] = (request.url ?? '').split('?', 1)
  const {
    status,
    contentType,
    body: content,
  } = body === undefined
    ? { status: 413, contentType: 'text/plain', body: new Uint8Array() }
    : answer(request.method ?? '', path, body)
  response.shouldKeepAlive = body !== undefined
  response.writeHead(status, {
    'Content-Type': contentType,
    'Content-Length': content.length,
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(content)
}

/** Undefined when it is too long. */
async function readBody(request: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > POST_MOST) return undefined
    chunks.push(chunk)
  }
  return join(chunks)
}
