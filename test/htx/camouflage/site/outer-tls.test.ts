/** What a prober learns below HTTP: the same from a listener and from a mere site (section 10.3). */
import { connect } from 'node:net'
import { type ConnectionOptions, connect as connectTls } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SeededRandom } from '../../../../src/lib/core/index.ts'
import { openTls, PAGE, RawReader, type RunningSite, startSite } from './site.ts'

const MERE_SITE = { hasKeys: () => false }

/** Everything that comes back for some bytes, and how it ends. */
function probe(port: number, bytes: Uint8Array | string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    onTestFinished(() => void socket.destroy())
    let text = ''
    let end = 'open'
    socket.on('data', (chunk) => {
      text += chunk.toString('hex')
    })
    socket.on('end', () => {
      end = 'end'
    })
    socket.on('error', (error: NodeJS.ErrnoException) => {
      end = String(error.code)
    })
    socket.on('close', () => resolve(`${text} ${end}`))
    socket.write(bytes)
  })
}

/** What the handshake came to. */
function handshake(port: number, options: ConnectionOptions): Promise<unknown> {
  return new Promise((resolve) => {
    const socket = connectTls({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
    onTestFinished(() => void socket.destroy())
    socket.on('secureConnect', () =>
      resolve({
        protocol: socket.getProtocol(),
        cipher: socket.getCipher().name,
        alpn: socket.alpnProtocol,
        group: socket.getEphemeralKeyInfo(),
        certificate: socket.getPeerCertificate().fingerprint256,
      }),
    )
    socket.on('error', (error: NodeJS.ErrnoException) => resolve(error.code))
  })
}

async function both(): Promise<readonly [RunningSite, RunningSite]> {
  return [await startSite(), await startSite(MERE_SITE)]
}

describe('below HTTP', () => {
  it('bytes that are no TLS meet the same end', async () => {
    const [listener, mere] = await both()
    const random = new SeededRandom(41)
    const probes = [
      'GET / HTTP/1.1\r\nHost: decoy.test\r\n\r\n',
      'SSH-2.0-OpenSSH_9.2\r\n',
      Buffer.from('1603010005' + '0100000100' + '00', 'hex'),
      ...Array.from({ length: 20 }, () => random.bytes(600)),
    ]
    for (const bytes of probes) {
      const answer = await probe(listener.port, bytes)
      expect(answer).toBe(await probe(mere.port, bytes))
      expect(answer).not.toMatch(/open$/)
    }
    expect([listener.errors, mere.errors]).toEqual([[], []])
  })

  it.each([
    ['TLS 1.2', { maxVersion: 'TLSv1.2' }],
    ['TLS 1.1', { minVersion: 'TLSv1.1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['no ALPN', {}],
    ['an unknown ALPN', { ALPNProtocols: ['imap'] }],
    ['h2 and http/1.1', { ALPNProtocols: ['h2', 'http/1.1'] }],
    ['http/1.1 first', { ALPNProtocols: ['http/1.1', 'h2'] }],
    ['X25519 only', { ecdhCurve: 'X25519' }],
    ['AES-256', { ciphers: 'TLS_AES_256_GCM_SHA384' }],
  ] as const)('a hello with %s gets the same handshake', async (_, options) => {
    const [listener, mere] = await both()
    expect(await handshake(listener.port, options)).toEqual(await handshake(mere.port, options))
  })

  it('the page is there without ALPN, and over TLS 1.2', async () => {
    const site = await startSite()
    for (const options of [{ ALPNProtocols: [] }, { maxVersion: 'TLSv1.2' }] as const) {
      const reader = new RawReader(await openTls(site.port, options))
      expect((await reader.ask('GET / HTTP/1.1\r\nHost: decoy.test\r\n\r\n')).body).toBe(PAGE)
    }
  })

  it.each([
    ['no HTTP', 'garbage\r\n\r\n'],
    ['a request without host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: d\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    ['a huge head', `GET / HTTP/1.1\r\nHost: d\r\nCookie: ${'x'.repeat(20_000)}\r\n\r\n`],
    ['CONNECT', 'CONNECT decoy.test:443 HTTP/1.1\r\nHost: decoy.test\r\n\r\n'],
    ['the start of HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'],
    [
      'an upgrade to something else',
      'GET / HTTP/1.1\r\nHost: d\r\nConnection: Upgrade, close\r\nUpgrade: h2c\r\n\r\n',
    ],
    ['HTTP/1.0', 'GET / HTTP/1.0\r\n\r\n'],
  ])('%s gets the same answer', async (_, request) => {
    const [listener, mere] = await both()
    const undated = (text: string): string => text.replace(/^date: .*$/im, '')
    const answers = []
    for (const { port } of [listener, mere]) {
      const reader = new RawReader(await openTls(port))
      reader.socket.write(request)
      answers.push(undated(await reader.rest()))
    }
    expect(answers[0]).toBe(answers[1])
    expect([listener.errors, mere.errors]).toEqual([[], []])
  })
})
