import { createHash, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import {
  createSecureServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2'
import type { AddressInfo } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { AivError, ManualClock, SeededRandom, systemClock } from '../../../../src/lib/core/index.ts'
import { coverPages, Fallback } from '../../../../src/lib/htx/camouflage/fallback/index.ts'
import { isWayFailure } from '../../../../src/lib/htx/index.ts'
import { parseRoots } from '../../../../src/lib/tls/index.ts'
import { selfSigned } from '../../../link/certificates.ts'

/** A site of Node's own HTTP/2, which tells of each request; `gone` resolves when nobody is connected any more. */
async function coverSite(onRequest: (headers: IncomingHttpHeaders) => void) {
  const { cert, key } = selfSigned(['DNS:cover.test'])
  const server = createSecureServer({ cert, key })
  const sessions = new Set<ServerHttp2Session>()
  const gone = Promise.withResolvers<void>()
  server.on('session', (session) => {
    sessions.add(session)
    session.on('error', () => {})
    session.on('close', () => {
      sessions.delete(session)
      if (sessions.size === 0) gone.resolve()
    })
  })
  server.on('stream', (stream: ServerHttp2Stream, headers) => {
    stream.on('error', () => {})
    stream.respond({ ':status': 200 })
    stream.end('a page')
    onRequest(headers)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  onTestFinished(() => {
    for (const session of sessions) session.destroy()
    server.close()
  })
  const spki = new X509Certificate(cert).publicKey.export({ type: 'spki', format: 'der' })
  const pin = new Uint8Array(createHash('sha256').update(spki).digest())
  return { port: (server.address() as AddressInfo).port, cert, pin, gone: gone.promise }
}

describe('cover connections', () => {
  it('are page loads of Chrome, and are gone when the fallback is', async () => {
    const requests: IncomingHttpHeaders[] = []
    const both = Promise.withResolvers<void>()
    const site = await coverSite((headers) => {
      if (requests.push(headers) === 2) both.resolve()
    })
    const clock = new ManualClock()
    const fallback = new Fallback({
      clock,
      random: new SeededRandom(2),
      hosts: ['hidden.test'],
      cover: {
        origins: ['a', 'b', 'c', 'd'].map((name) => `https://${name}.test:${site.port}/page?q=1`),
        open: coverPages({ roots: parseRoots(site.cert), pins: [site.pin], clock: systemClock }),
        resolve: async (host) => [host === 'hidden.test' ? '127.0.0.2' : '127.0.0.1'],
      },
    })
    onTestFinished(() => fallback.close())
    let attempts = 0
    const running = fallback.run({
      attempt: async () => {
        if (++attempts === 1) throw new AivError('E_UNREACHABLE', 'nobody answers')
        return 'there'
      },
      discard: () => {},
      isWayFailure,
    })
    await new Promise((resolve) => setImmediate(resolve))
    clock.advance(1_700)
    await both.promise
    expect([await running, attempts, fallback.openCovers]).toEqual(['there', 2, 2])
    const hosts = requests.map((headers) => headers[':authority'])
    expect(new Set(hosts).size).toBe(2)
    for (const headers of requests) {
      expect(headers[':authority']).toBe(`${headers[':authority']?.[0]}.test:${site.port}`)
      expect(headers).toMatchObject({ ':method': 'GET', ':path': '/page?q=1', 'sec-fetch-mode': 'navigate' })
      expect(headers['user-agent']).toContain('Chrome/')
    }
    fallback.close()
    await site.gone
  })
})
