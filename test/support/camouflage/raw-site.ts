/** A TLS server that answers each request on a connection with whatever a test wants. */
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { createServer, type TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { selfSigned } from '../../link/certificates.ts'
import { SITE_NAME } from './recording-site.ts'

export interface RawRequest {
  readonly head: string
  /** Of the WebSocket that it asks for, if it does. */
  readonly accept: string
}

/** @param index of the request on its connection */
export type RawAnswer = (socket: TLSSocket, request: RawRequest, index: number) => void

export interface RawSite {
  readonly port: number
  readonly pem: string
  /** Resolves when all clients are gone. */
  allGone(): Promise<void>
}

const certificate = selfSigned([`DNS:${SITE_NAME}`])

export async function rawSite(answer: RawAnswer, alpn = 'http/1.1'): Promise<RawSite> {
  const sockets = new Set<TLSSocket>()
  const server = createServer({ ...certificate, ALPNProtocols: [alpn] }, (socket) => {
    sockets.add(socket)
    let held = ''
    let index = 0
    socket.on('error', () => {})
    socket.on('data', (chunk) => {
      held += chunk.toString('latin1')
      const end = held.indexOf('\r\n\r\n')
      if (end < 0) return
      const head = held.slice(0, end)
      held = ''
      const key = /^Sec-WebSocket-Key: (\S+)$/m.exec(head)?.[1] ?? ''
      answer(socket, { head, accept: acceptOf(key) }, index++)
    })
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return {
    port: (server.address() as AddressInfo).port,
    pem: certificate.cert,
    async allGone() {
      for (const socket of sockets)
        if (!socket.destroyed)
          await new Promise<void>((resolve) => void socket.once('close', () => resolve()))
    },
  }
}

/** RFC 6455 section 4.2.2. */
function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}
