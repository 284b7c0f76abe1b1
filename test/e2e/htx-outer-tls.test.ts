import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { createServer, connect as dialTls } from 'node:tls'
import { describe, expect, it, onTestFinished } from 'vitest'
import { connect, type HtxListener, listen } from '../../src/lib/htx/index.ts'
import { temporaryFolder } from '../support/aiv.ts'

const HAS_OPENSSL = spawnSync('openssl', ['version'], { timeout: 10_000 }).status === 0
if (!HAS_OPENSSL) process.stdout.write('skipped: outer TLS: openssl is not installed\n')

interface ServerCertificate {
  readonly cert: string
  readonly key: string
}

function makeCertificate(): ServerCertificate {
  const folder = temporaryFolder()
  const made = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'],
      ...[
        '-keyout',
        'key.pem',
        '-out',
        'cert.pem',
        '-subj',
        '/CN=localhost',
        '-addext',
        'subjectAltName=DNS:localhost',
      ],
    ],
    { cwd: folder, timeout: 20_000 },
  )
  if (made.status !== 0) throw new Error(made.stderr.toString())
  const read = (name: string): string => readFileSync(join(folder, name), 'utf8')
  return { cert: read('cert.pem'), key: read('key.pem') }
}

async function listenEcho(address: string, tls: ServerCertificate): Promise<HtxListener> {
  const listener = await listen(address, { tls, onStream: (stream) => stream.pipe(stream) })
  onTestFinished(() => listener.close(0))
  return listener
}

async function echo(address: string, tls: ServerCertificate): Promise<string> {
  const session = await connect(address, { dial: { ca: tls.cert }, handshakeTimeoutMs: 2_000 })
  try {
    const stream = session.openStream()
    stream.end('over the wire')
    let text = ''
    for await (const chunk of stream) text += chunk
    return text
  } finally {
    await session.drain()
  }
}

/** Ends TLS with the listener's own certificate and speaks TLS to the listener again: a stolen key, or a proxy. */
async function startMiddle(port: number, tls: ServerCertificate): Promise<number> {
  const middle = createServer({ ...tls, ALPNProtocols: ['http/1.1'] }, (near) => {
    const far = dialTls({ host: 'localhost', port, ca: tls.cert })
    near.on('error', () => far.destroy())
    far.on('error', () => near.destroy())
    near.pipe(far)
    far.pipe(near)
  })
  await new Promise<void>((resolve) => middle.listen(0, 'localhost', resolve))
  onTestFinished(() => void middle.close())
  return (middle.address() as { port: number }).port
}

describe.runIf(HAS_OPENSSL)('the outer TLS of wss', () => {
  it('carries sessions, bound to it and not', async () => {
    const tls = makeCertificate()
    for (const bind of ['exporter', 'none']) {
      const listener = await listenEcho(`htx+wss://localhost:0?bind=${bind}`, tls)
      expect(await echo(listener.address, tls)).toBe('over the wire')
    }
  })

  it('does not let a session through that somebody in the middle ended, when bound', async () => {
    const tls = makeCertificate()
    const listener = await listenEcho('htx+wss://localhost:0?bind=exporter', tls)
    const port = await startMiddle(listener.port, tls)
    const through = listener.address.replace(`:${listener.port}`, `:${port}`)
    await expect(echo(through, tls)).rejects.toMatchObject({ code: 'E_HANDSHAKE_TIMEOUT' })
  })

  it('lets a session through a proxy that ends TLS, when not bound', async () => {
    const tls = makeCertificate()
    const listener = await listenEcho('htx+wss://localhost:0', tls)
    const port = await startMiddle(listener.port, tls)
    const through = listener.address.replace(`:${listener.port}`, `:${port}`)
    expect(await echo(through, tls)).toBe('over the wire')
  })

  it('is silent to a client that is bound where the listener is not', async () => {
    const tls = makeCertificate()
    const listener = await listenEcho('htx+wss://localhost:0?bind=none', tls)
    const other = listener.address.replace('bind=none', 'bind=exporter')
    await expect(echo(other, tls)).rejects.toMatchObject({ code: 'E_HANDSHAKE_TIMEOUT' })
  })

  it('refuses a certificate that nobody vouches for before any handshake', async () => {
    const listener = await listenEcho('htx+wss://localhost:0', makeCertificate())
    await expect(connect(listener.address, {})).rejects.toMatchObject({ code: 'E_CERTIFICATE' })
  })
})
