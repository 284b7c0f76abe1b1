import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { connect, createServer } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock, systemClock } from '../../../src/lib/core/index.ts'
import { selfSigned } from '../../../src/lib/htx/bench/transports/self-signed.ts'

describe('the certificate of the TLS comparison', () => {
  it('is one that OpenSSL reads: signed by its own key, valid now, for its name', () => {
    const clock = new ManualClock(Date.UTC(2031, 0, 2, 3, 4, 5))
    const { cert, key } = selfSigned('bench.invalid', clock)
    const certificate = new X509Certificate(cert)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(certificate.subject).toBe('CN=bench.invalid')
    expect(certificate.validFromDate.toISOString()).toBe('2031-01-01T03:04:05.000Z')
    expect(certificate.validToDate.toISOString()).toBe('2031-01-03T03:04:05.000Z')
  })

  it('differs from run to run', () => {
    expect(selfSigned('a', systemClock).cert).not.toBe(selfSigned('a', systemClock).cert)
  })

  it('lets a client in that trusts it, and refuses one that trusts another', async () => {
    const own = selfSigned('bench.invalid', systemClock)
    const server = createServer({ cert: own.cert, key: own.key }, (socket) => socket.end('hello'))
    server.on('tlsClientError', () => {})
    onTestFinished(() => void server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const dial = (ca: string) =>
      connect({ host: '127.0.0.1', port, ca, minVersion: 'TLSv1.3', checkServerIdentity: () => undefined })

    const trusting = dial(own.cert)
    expect(String((await once(trusting, 'data'))[0])).toBe('hello')
    trusting.destroy()

    const other = dial(selfSigned('bench.invalid', systemClock).cert)
    expect(((await once(other, 'error')) as [{ code: string }])[0].code).toMatch(
      /SELF_SIGNED|SIGNATURE|VERIFY/,
    )
  })
})
