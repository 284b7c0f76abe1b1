import { createHash } from 'node:crypto'
import { connect, type TLSSocket } from 'node:tls'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { Link, Listener } from '../../src/lib/link/index.ts'
import { dialWebSocket, listenWebSocket, type WebSocketDialOptions } from '../../src/lib/link/websocket.ts'
import { selfSigned } from './certificates.ts'
import { failure, testLinkCompliance, text } from './compliance.ts'
import { Recorder } from './recorder.ts'

const local = selfSigned(['DNS:localhost', 'IP:127.0.0.1'])
const elsewhere = selfSigned(['DNS:elsewhere.example'])

testLinkCompliance({
  name: 'wss',
  kind: 'ws',
  // All come from this machine, and 200 of them at once.
  listen: ({ port = 0, ...options }) =>
    listenWebSocket({
      host: '127.0.0.1',
      port,
      tls: local,
      pendingLimits: { total: 1024, perPrefix: 1024 },
      ...options,
    }),
  dial: ({ host, port }, options) => dialWebSocket(`wss://${host}:${port}`, { ca: local.cert, ...options }),
  dialerSpeaksFirst: false,
  closedPort: ['E_UNREACHABLE'],
  transportHolds: 16 * 1024 * 1024,
  freesPortAtOnce: true,
  crossesProcesses: false,
})

describe('the outer certificate of wss', () => {
  const links: Link[] = []
  const listeners: Listener[] = []
  let homePort = 0
  let strangePort = 0

  beforeAll(async () => {
    for (const tls of [local, elsewhere])
      listeners.push(
        await listenWebSocket({ host: '127.0.0.1', port: 0, tls, onLink: (link) => links.push(link) }),
      )
    homePort = listeners[0]?.port ?? 0
    strangePort = listeners[1]?.port ?? 0
  })
  afterEach(() => {
    for (const link of links.splice(0)) link.abort()
  })
  afterAll(() => Promise.all(listeners.map((listener) => listener.close())))

  async function dials(port: number, options: WebSocketDialOptions, host = 'localhost'): Promise<string> {
    try {
      links.push(await dialWebSocket(`wss://${host}:${port}`, options))
      return 'open'
    } catch (error) {
      return (await failure(Promise.reject(error))).code
    }
  }

  it('must chain to the system roots by default', async () => {
    expect(await dials(homePort, {})).toBe('E_CERTIFICATE')
  })

  it('may chain to a given CA, for a name or an address', async () => {
    expect(await dials(homePort, { ca: local.cert })).toBe('open')
    expect(await dials(homePort, { ca: [elsewhere.cert, local.cert] }, '127.0.0.1')).toBe('open')
  })

  it('must carry the name that was dialled', async () => {
    expect(await dials(strangePort, { ca: elsewhere.cert })).toBe('E_CERTIFICATE')
  })

  it('is taken on a pin alone, whatever its name and chain', async () => {
    expect(await dials(strangePort, { pins: [elsewhere.pin] })).toBe('open')
    expect(await dials(strangePort, { pins: [local.pin, elsewhere.pin] })).toBe('open')
  })

  it('must match a pin although the chain is good', async () => {
    expect(await dials(homePort, { ca: local.cert, pins: [elsewhere.pin] })).toBe('E_CERTIFICATE')
    expect(await dials(homePort, { pins: [elsewhere.pin] })).toBe('E_CERTIFICATE')
  })

  it('must match chain and pin when both are given', async () => {
    expect(await dials(strangePort, { ca: elsewhere.cert, pins: [elsewhere.pin] })).toBe('E_CERTIFICATE')
    expect(await dials(homePort, { ca: local.cert, pins: [local.pin] })).toBe('open')
  })

  it('is not looked at with insecureOuter, except for pins', async () => {
    expect(await dials(strangePort, { insecureOuter: true })).toBe('open')
    expect(await dials(strangePort, { insecureOuter: true, pins: [local.pin] })).toBe('E_CERTIFICATE')
  })

  it('is named in the error, with a hint', async () => {
    const error = await failure(dialWebSocket(`wss://localhost:${homePort}`))
    expect(error.message).toMatch(/certificate of localhost is not acceptable: DEPTH_ZERO_SELF_SIGNED_CERT/)
    expect(error.hint).toContain('CA')
  })

  it('is offered over TLS 1.3 to a client that speaks it', async () => {
    const socket: TLSSocket = connect({ port: homePort, host: '127.0.0.1', rejectUnauthorized: false })
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    expect(socket.getProtocol()).toBe('TLSv1.3')
    const der = socket.getPeerX509Certificate()?.publicKey.export({ type: 'spki', format: 'der' }) ?? ''
    expect(createHash('sha256').update(der).digest('hex')).toBe(Buffer.from(local.pin).toString('hex'))
    socket.destroy()
  })

  it('cannot be a key that does not fit', async () => {
    const tls = { cert: local.cert, key: elsewhere.key }
    const error = await failure(listenWebSocket({ host: '127.0.0.1', port: 0, tls, onLink: () => {} }))
    expect(error.code).toBe('E_CERTIFICATE')
  })

  it('times out on a server that never answers the handshake', async () => {
    const { createServer } = await import('node:net')
    const silent = createServer(() => {}).listen(0, '127.0.0.1')
    await new Promise((resolve) => silent.once('listening', resolve))
    const { port } = silent.address() as { port: number }
    const error = await failure(
      dialWebSocket(`wss://127.0.0.1:${port}`, { timeoutMs: 150, insecureOuter: true }),
    )
    expect(error.code).toBe('E_TIMEOUT')
    silent.close()
  })

  it('carries bytes both ways', async () => {
    const dialler = Recorder.attach(await dialWebSocket(`wss://localhost:${homePort}`, { ca: local.cert }))
    while (links.length === 0) await new Promise((resolve) => setImmediate(resolve))
    const acceptor = Recorder.attach(links[0] as Link)
    links.push(dialler.link)
    dialler.write(text('there'))
    acceptor.write(text('back'))
    await Promise.all([acceptor.untilBytes(5), dialler.untilBytes(4)])
    expect([acceptor.text(), dialler.text()]).toEqual(['there', 'back'])
  })
})
