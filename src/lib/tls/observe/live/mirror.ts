/** A web server that tells each client its own fingerprint, over HTTP/1.1 or HTTP/2 as the client prefers. */
import {
  constants,
  createSecureServer,
  type Http2SecureServer,
  type Http2ServerRequest,
  type Http2ServerResponse,
} from 'node:http2'
import { AivError } from '../../../core/index.ts'
import { STREAMS_MOST, TICKET_SECONDS } from './constants.ts'

export interface MirrorOptions {
  readonly cert: string | Uint8Array
  readonly key: string | Uint8Array
  /** The page for the client at `address`; undefined when it has had one, or is gone. */
  readonly pageFor: (address: Endpoints) => string | undefined
  readonly onHandshakeError: (address: Endpoints, reason: string) => void
}

/** The same for a TLS socket and for the plain one below it, which it does not show. */
export interface Endpoints {
  readonly remoteAddress?: string | undefined
  readonly remotePort?: number | undefined
}

/**
 * It does not listen: sockets are given to its `connection` event.
 * @throws AivError `E_INPUT` for a certificate or key that cannot be used, or that do not belong together
 */
export function createMirror({ cert, key, pageFor, onHandshakeError }: MirrorOptions): Http2SecureServer {
  const server = createServer(pem(cert), pem(key), (request, response) => {
    // A body is not wanted, and the connection would stand still with it unread.
    request.resume()
    const page = pageFor(request.socket)
    if (request.httpVersionMajor === 2) {
      // One page a connection; whoever opens more streams is told to come again.
      if (page === undefined) response.stream.close(constants.NGHTTP2_REFUSED_STREAM)
      else reply(response, page)
      response.stream?.session?.close()
    } else if (page !== undefined) {
      response.setHeader('Connection', 'close')
      reply(response, page)
    }
  })
  server.on('tlsClientError', (error, socket) => {
    const { reason } = error as { readonly reason?: string }
    onHandshakeError(socket, reason ?? error.message.trim())
    socket.destroy()
  })
  return server
}

function createServer(
  cert: string | Buffer,
  key: string | Buffer,
  onRequest: (request: Http2ServerRequest, response: Http2ServerResponse) => void,
): Http2SecureServer {
  try {
    return createSecureServer(
      {
        cert,
        key,
        allowHTTP1: true,
        sessionTimeout: TICKET_SECONDS,
        maxSessionMemory: 1,
        settings: { maxConcurrentStreams: STREAMS_MOST },
      },
      onRequest,
    )
  } catch (cause) {
    const { code } = cause as { readonly code?: string }
    throw new AivError(
      'E_INPUT',
      code === 'ERR_OSSL_X509_KEY_VALUES_MISMATCH'
        ? 'the certificate and the key do not belong together'
        : 'the certificate or its key cannot be used',
      { cause, hint: 'Give both as PEM, the key without a passphrase.' },
    )
  }
}

function reply(response: Http2ServerResponse, page: string): void {
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Length': Buffer.byteLength(page),
    'Cache-Control': 'no-store',
    'X-Content-Type-Options': 'nosniff',
  })
  response.end(page)
}

function pem(text: string | Uint8Array): string | Buffer {
  return typeof text === 'string' ? text : Buffer.from(text.buffer, text.byteOffset, text.byteLength)
}
