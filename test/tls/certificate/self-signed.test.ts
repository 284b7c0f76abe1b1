import { execFileSync, spawnSync } from 'node:child_process'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect, createServer } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock, systemClock } from '../../../src/lib/core/index.ts'
import { selfSigned } from '../../../src/lib/tls/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { judge } from '../../support/judge.ts'

const NAMES = ['localhost', '127.0.0.1', '::1', '2001:db8::ffff:192.0.2.1'] as const
const openssl = judge('openssl')

describe('a self-signed certificate', () => {
  it('is signed by its own key and valid from yesterday, for a week or as long as asked', () => {
    const clock = new ManualClock(Date.UTC(2031, 0, 2, 3, 4, 5))
    const { cert, key } = selfSigned({ names: ['bench.invalid'], clock })
    const certificate = new X509Certificate(cert)
    expect(certificate.verify(certificate.publicKey)).toBe(true)
    expect(certificate.checkPrivateKey(createPrivateKey(key))).toBe(true)
    expect(certificate.subject).toBe('CN=bench.invalid')
    expect(certificate.validFromDate.toISOString()).toBe('2031-01-01T03:04:05.000Z')
    expect(certificate.validToDate.toISOString()).toBe('2031-01-09T03:04:05.000Z')
    const hour = new X509Certificate(selfSigned({ names: ['a'], clock, lifetimeMs: 3_600_000 }).cert)
    expect(hour.validToDate.toISOString()).toBe('2031-01-02T04:04:05.000Z')
  })

  it('lives on over the turn to four-digit years', () => {
    const clock = new ManualClock(Date.UTC(2049, 11, 31, 12))
    const { validFromDate, validToDate } = new X509Certificate(selfSigned({ names: ['a'], clock }).cert)
    expect([validFromDate.toISOString(), validToDate.toISOString()]).toEqual([
      '2049-12-30T12:00:00.000Z',
      '2050-01-07T12:00:00.000Z',
    ])
  })

  it('differs from run to run', () => {
    const make = (): X509Certificate =>
      new X509Certificate(selfSigned({ names: ['a'], clock: systemClock }).cert)
    const [first, second] = [make(), make()]
    expect(first.serialNumber).not.toBe(second.serialNumber)
    expect(first.publicKey.equals(second.publicKey)).toBe(false)
  })

  it.runIf(openssl !== undefined)('is what openssl reads and verifies', () => {
    const folder = temporaryFolder()
    const at = (name: string): string => join(folder, name)
    const { cert, key } = selfSigned({ names: NAMES, clock: systemClock })
    writeFileSync(at('cert'), cert)
    writeFileSync(at('key'), key)
    const text = execFileSync('openssl', ['x509', '-text', '-noout', '-in', at('cert')], { encoding: 'utf8' })
    expect(text).toMatch(/Version: 3 /)
    expect(text).toMatch(/Signature Algorithm: ecdsa-with-SHA256/)
    expect(text).toMatch(/NIST CURVE: P-256/)
    expect(text).toMatch(/Basic Constraints: critical\s+CA:FALSE/)
    expect(text).toMatch(/Key Usage: critical\s+Digital Signature\n/)
    expect(text).toMatch(/Extended Key Usage: *\s+TLS Web Server Authentication\n/)
    expect(text).toContain(
      'DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, IP Address:2001:DB8:0:0:0:FFFF:C000:201',
    )
    const verify = (...more: string[]): number | null =>
      spawnSync('openssl', ['verify', '-CAfile', at('cert'), '-purpose', 'sslserver', ...more, at('cert')])
        .status
    for (const name of ['-verify_hostname localhost', '-verify_ip 127.0.0.1', '-verify_ip ::1'])
      expect(verify('-x509_strict', ...name.split(' '))).toBe(0)
    expect(verify('-verify_hostname', 'example.org')).not.toBe(0)
    execFileSync('openssl', ['pkey', '-check', '-noout', '-in', at('key')], { stdio: 'ignore' })
  })

  it('is not made for what is no name', () => {
    for (const name of ['', 'a b', 'a..b', 'x'.repeat(300), '\u0000', 'é'])
      expect(() => selfSigned({ names: [name], clock: systemClock })).toThrow(/neither a DNS name nor/)
  })

  it('lets a client in that trusts it, by its names, and refuses one that trusts another', async () => {
    const own = selfSigned({ names: NAMES, clock: systemClock })
    const server = createServer({ cert: own.cert, key: own.key }, (socket) => socket.end('hello'))
    server.on('tlsClientError', () => {})
    onTestFinished(() => void server.close())
    server.listen(0, '127.0.0.1')
    await once(server, 'listening')
    const { port } = server.address() as { port: number }
    const dial = (ca: string, servername = 'localhost') =>
      connect({ host: '127.0.0.1', port, ca, servername })

    const trusting = dial(own.cert)
    expect(String((await once(trusting, 'data'))[0])).toBe('hello')
    trusting.destroy()

    const failure = async (socket: ReturnType<typeof connect>): Promise<string> =>
      ((await once(socket, 'error')) as [{ code: string }])[0].code
    expect(await failure(dial(selfSigned({ names: NAMES, clock: systemClock }).cert))).toMatch(
      /SELF_SIGNED|SIGNATURE|VERIFY/,
    )
    expect(await failure(dial(own.cert, 'other.example'))).toBe('ERR_TLS_CERT_ALTNAME_INVALID')
  })
})
