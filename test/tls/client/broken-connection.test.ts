/** Connections that somebody on the way breaks at the worst moment. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server } from 'node:net'
import { createServer as createTlsServer } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { systemClock } from '../../../src/lib/core/index.ts'
import { connectTls, HelloBuilder, parseRoots, templateOfVersion } from '../../../src/lib/tls/index.ts'
import { selfSigned } from '../../link/certificates.ts'

const NAME = 'bread.example'
const RUNS = 20
const certificate = selfSigned([`DNS:${NAME}`])

async function portOf(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => void server.close())
  return (server.address() as AddressInfo).port
}

/** Lets a TLS server answer, and resets the connection in the moment in which its flight arrives. */
async function cutBehindFlight(): Promise<number> {
  const behind = createTlsServer(certificate, (socket) => socket.on('error', () => {}))
  behind.on('tlsClientError', () => {})
  const upstream = await portOf(behind)
  return await portOf(
    createServer((client) => {
      const server = connect(upstream, '127.0.0.1')
      client.on('error', () => {})
      server.on('error', () => {})
      client.on('data', (bytes) => server.write(bytes))
      server.on('data', (bytes) => {
        client.write(bytes)
        client.resetAndDestroy()
        server.destroy()
      })
    }),
  )
}

describe('a connection that is reset while its handshake ends', () => {
  it('is an error to whoever opened it, and to nobody else', async () => {
    const port = await cutBehindFlight()
    const uncaught: unknown[] = []
    const listeners = process.listeners('uncaughtException')
    process.removeAllListeners('uncaughtException')
    process.on('uncaughtException', (error) => uncaught.push(error))
    try {
      for (let run = 0; run < RUNS; run++) {
        const opened = connectTls({
          host: '127.0.0.1',
          port,
          serverName: NAME,
          builder: new HelloBuilder(templateOfVersion('chrome', '154')),
          roots: parseRoots(certificate.cert),
          clock: systemClock,
        })
        await expect(opened).rejects.toMatchObject({ name: 'AivError', code: 'E_LINK' })
      }
    } finally {
      process.removeAllListeners('uncaughtException')
      for (const listener of listeners) process.on('uncaughtException', listener)
    }
    expect(uncaught).toEqual([])
  })
})
