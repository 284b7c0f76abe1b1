import { createSocket, type RemoteInfo } from 'node:dgram'
import { once } from 'node:events'
import { readdirSync } from 'node:fs'
import { afterEach, describe, expect, it } from 'vitest'
import { QUIC_LISTENER_IDLE_TIMEOUT_MS } from '../../src/lib/link/constants.ts'
import type { Link, Listener } from '../../src/lib/link/index.ts'
import { loadQuicBinding } from '../../src/lib/link/quic/binding.ts'
import { quicConfig, quicConfigValues } from '../../src/lib/link/quic/config.ts'
import { dialQuic, listenQuic } from '../../src/lib/link/quic.ts'
import { failure, testLinkCompliance, text } from './compliance.ts'
import { initialPacket, PING, WRONG_HANDSHAKE } from './quic-initial.ts'
import { Recorder, turns } from './recorder.ts'
import { runChild } from './run-child.ts'

testLinkCompliance({
  name: 'quic',
  kind: 'quic',
  listen: ({ port = 0, ...options }) =>
    listenQuic({
      host: '127.0.0.1',
      port,
      idleTimeoutMs: 3000,
      // All come from this machine, and 200 of them at once.
      streamlessLimits: { total: 256, perPrefix: 256 },
      ...options,
    }),
  dial: ({ host, port }, options) => dialQuic(host, port, options),
  dialerSpeaksFirst: true,
  closedPort: ['E_TIMEOUT', 'E_UNREACHABLE'],
  transportHolds: 8 * 1024 * 1024,
  freesPortAtOnce: false,
  crossesProcesses: true,
})

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0).reverse()) cleanup()
})

async function listen(onLink: (link: Link) => void, host = '127.0.0.1'): Promise<Listener> {
  const listener = await listenQuic({ host, port: 0, idleTimeoutMs: 3000, onLink })
  cleanups.push(() => void listener.close())
  return listener
}

async function dial(listener: Pick<Listener, 'host' | 'port'>): Promise<Recorder> {
  const recorder = Recorder.attach(await dialQuic(listener.host, listener.port, { timeoutMs: 3000 }))
  cleanups.push(() => recorder.link.abort())
  return recorder
}

/** A UDP relay in front of `port`; `passes` decides datagram by datagram. */
async function relay(port: number, passes: (fromClient: boolean, count: number) => boolean): Promise<number> {
  const outside = createSocket('udp4')
  const inside = createSocket('udp4')
  cleanups.push(
    () => outside.close(),
    () => inside.close(),
  )
  let client: RemoteInfo | undefined
  const counts = { client: 0, server: 0 }
  outside.on('message', (datagram, from) => {
    client = from
    if (passes(true, counts.client++)) inside.send(datagram, port, '127.0.0.1')
  })
  inside.on('message', (datagram) => {
    if (client !== undefined && passes(false, counts.server++))
      outside.send(datagram, client.port, client.address)
  })
  outside.bind(0, '127.0.0.1')
  inside.bind(0, '127.0.0.1')
  await Promise.all([once(outside, 'listening'), once(inside, 'listening')])
  return outside.address().port
}

describe('a quic link', () => {
  it('appears at the listener with the first write or the end of the dialler', async () => {
    const links: Recorder[] = []
    const listener = await listen((link) => links.push(Recorder.attach(link)))
    const dialler = await dial(listener)
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect(links).toEqual([])
    dialler.call(() => dialler.link.end())
    while (links.length === 0) await turns(1)
    const [acceptor] = links as [Recorder]
    await acceptor.untilEnd()
    acceptor.call(() => acceptor.link.end())
    await Promise.all([dialler.untilClose(), acceptor.untilClose()])
    expect([dialler.closes, acceptor.closes]).toEqual([[undefined], [undefined]])
  })

  it('runs over IPv6', async () => {
    const incoming = Promise.withResolvers<Recorder>()
    const listener = await listen((link) => incoming.resolve(Recorder.attach(link)), '::1')
    const dialler = await dial({ host: '[::1]', port: listener.port })
    dialler.write(text('six'))
    const acceptor = await incoming.promise
    await acceptor.untilBytes(3)
    expect(acceptor.link.remoteAddress).toMatch(/^\[::1\]:\d+$/)
  })

  it('brings its tail across a path that loses datagrams, although both ends finish at once', async () => {
    const incoming = Promise.withResolvers<Recorder>()
    const listener = await listen((link) => incoming.resolve(Recorder.attach(link)))
    // Every fifth datagram after the handshake is lost, in both directions.
    const port = await relay(listener.port, (_, count) => count < 20 || count % 5 !== 0)
    const dialler = await dial({ host: '127.0.0.1', port })
    dialler.write(text('hello'))
    const acceptor = await incoming.promise
    for (const side of [dialler, acceptor]) {
      side.write(new Uint8Array(200_000).fill(1))
      side.call(() => side.link.end())
    }
    await Promise.all([dialler.untilClose(), acceptor.untilClose()])
    expect([dialler.closes, acceptor.closes]).toEqual([[undefined], [undefined]])
    expect([dialler.bytes, acceptor.bytes]).toEqual([200_000, 200_005])
  })

  it('waits with closing for an acceptor that has not read its end, and then both close in order', async () => {
    const incoming = Promise.withResolvers<Recorder>()
    const listener = await listen((link) => incoming.resolve(Recorder.attach(link)))
    const dialler = await dial(listener)
    dialler.write(text('hello'))
    const acceptor = await incoming.promise
    await acceptor.untilBytes(5)
    acceptor.call(() => acceptor.link.pause())
    await turns(20)
    dialler.write(new Uint8Array(2_000_000))
    for (const side of [dialler, acceptor]) side.call(() => side.link.end())
    await dialler.untilEnd()
    await new Promise((resolve) => setTimeout(resolve, 300))
    expect(dialler.closes).toEqual([])
    acceptor.call(() => acceptor.link.resume())
    await Promise.all([dialler.untilClose(), acceptor.untilClose()])
    expect([dialler.closes, acceptor.closes, acceptor.bytes]).toEqual([[undefined], [undefined], 2_000_005])
  })

  it('is lost for a dialler whose last bytes the acceptor threw away', async () => {
    const incoming = Promise.withResolvers<Recorder>()
    const listener = await listen((link) => incoming.resolve(Recorder.attach(link)))
    const dialler = await dial(listener)
    dialler.write(text('hello'))
    const acceptor = await incoming.promise
    await acceptor.untilBytes(5)
    acceptor.call(() => acceptor.link.pause())
    for (const side of [dialler, acceptor]) side.call(() => side.link.end())
    await dialler.untilEnd()
    acceptor.link.abort()
    await dialler.untilClose()
    expect(dialler.closeCode).toBe('E_LINK_LOST')
  })

  it('closes in order although its acceptor allows many streams, which says nothing about arrival', async () => {
    const binding = await loadQuicBinding()
    const roomy = new binding.Server(
      new binding.QuinnConfig({ ...quicConfigValues({}), maxConcurrentStreamLimit: 100 }),
      '127.0.0.1',
      0,
    )
    cleanups.push(() => void roomy.abort())
    const accepting = roomy.inboundConnection()
    let cut = false
    const port = await relay(roomy.port(), (fromClient) => !(fromClient && cut))
    const dialler = await dial({ host: '127.0.0.1', port })
    dialler.write(text('x'))
    const connection = await accepting
    const stream = await connection.inboundStream()
    await stream.finishWrite()
    await dialler.untilEnd()
    cut = true
    dialler.write(new Uint8Array(100_000))
    dialler.call(() => dialler.link.end())
    await new Promise((resolve) => setTimeout(resolve, 200))
    cut = false
    let bytes = 0
    for (let chunk = await stream.read(65_536); chunk !== null; chunk = await stream.read(65_536))
      bytes += chunk.length
    expect(bytes).toBe(100_001)
    connection.abort()
    await dialler.untilClose()
    expect(dialler.closes).toEqual([undefined])
  })

  it('is lost when the path goes silent', async () => {
    const incoming = Promise.withResolvers<Recorder>()
    const listener = await listen((link) => incoming.resolve(Recorder.attach(link)))
    let cut = false
    const port = await relay(listener.port, () => !cut)
    const dialler = await dial({ host: '127.0.0.1', port })
    dialler.write(text('hello'))
    const acceptor = await incoming.promise
    await acceptor.untilBytes(5)
    cut = true
    await Promise.all([dialler.untilClose(), acceptor.untilClose()])
    expect([dialler.closeCode, acceptor.closeCode]).toEqual(['E_LINK_LOST', 'E_LINK_LOST'])
  })

  it('is lost, not ended, when the peer resets its stream', async () => {
    const incoming = Promise.withResolvers<Recorder>()
    const listener = await listen((link) => incoming.resolve(Recorder.attach(link)))
    const binding = await loadQuicBinding()
    const client = new binding.Client(quicConfig(binding, {}), 0)
    const connection = await client.outboundConnection(listener.host, listener.port)
    const stream = (await connection.outboundStream()) as Awaited<
      ReturnType<typeof connection.outboundStream>
    > & { resetWrite(): Promise<void> }
    await stream.write(text('hello'))
    const acceptor = await incoming.promise
    await acceptor.untilBytes(5)
    await stream.resetWrite()
    await acceptor.untilClose()
    expect([acceptor.ends, acceptor.closeCode]).toEqual([0, 'E_LINK_LOST'])
    connection.abort()
  })

  it('has one stream: a peer cannot open a second', async () => {
    const links: Recorder[] = []
    const listener = await listen((link) => links.push(Recorder.attach(link)))
    const binding = await loadQuicBinding()
    const client = new binding.Client(quicConfig(binding, {}), 0)
    const connection = await client.outboundConnection(listener.host, listener.port)
    const stream = await connection.outboundStream()
    await stream.write(text('first'))
    const second = connection.outboundStream().then(() => 'opened')
    second.catch(() => {})
    while (links.length === 0) await turns(1)
    const waited = new Promise((resolve) => setTimeout(() => resolve('waiting'), 100))
    expect(await Promise.race([second, waited])).toBe('waiting')
    connection.abort()
  })
})

/** Sends one first packet for each of `frames`, each of a connection of its own. */
async function sendInitials(port: number, frames: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4')
  cleanups.push(() => socket.close())
  for (const each of frames)
    await new Promise<void>((resolve, reject) =>
      socket.send(initialPacket(each), port, '127.0.0.1', (error) => (error ? reject(error) : resolve())),
    )
}

describe('a quic listener', () => {
  it('accepts others although 1,000 first packets came and nothing after them', async () => {
    const incoming = Promise.withResolvers<Recorder>()
    const listener = await listenQuic({
      host: '127.0.0.1',
      port: 0,
      onLink: (link) => incoming.resolve(Recorder.attach(link)),
    })
    cleanups.push(() => void listener.close())
    await sendInitials(
      listener.port,
      Array.from({ length: 1000 }, () => PING),
    )
    const dialler = await dial(listener)
    dialler.write(text('no queue'))
    await (await incoming.promise).untilBytes(8)
  })

  it('accepts others although one address holds many connections without a stream', async () => {
    const incoming = Promise.withResolvers<Recorder>()
    const listener = await listen((link) => incoming.resolve(Recorder.attach(link)))
    const binding = await loadQuicBinding()
    const client = new binding.Client(quicConfig(binding, {}), 0)
    cleanups.push(() => client.abort())
    let closed = 0
    for (let i = 0; i < 260; i++) {
      const connection = await client.outboundConnection(listener.host, listener.port)
      void connection.closed().then(() => closed++)
    }
    while (closed < 244) await turns(1)
    const dialler = await dial(listener)
    dialler.write(text('no queue'))
    await (await incoming.promise).untilBytes(8)
    // The newcomer took the place of one more; the others may stay until their time-out.
    expect(closed).toBeLessThanOrEqual(245)
  })

  it('reports no broken or abandoned handshake of strangers', async () => {
    const errors: Error[] = []
    const incoming = Promise.withResolvers<Recorder>()
    const listener = await listenQuic({
      host: '127.0.0.1',
      port: 0,
      idleTimeoutMs: 300,
      onLink: (link) => incoming.resolve(Recorder.attach(link)),
      onError: (error) => errors.push(error),
    })
    cleanups.push(() => void listener.close())
    await sendInitials(listener.port, [PING, WRONG_HANDSHAKE, PING, WRONG_HANDSHAKE])
    // A handshake without a measured round trip lasts three probe time-outs of 1 s (RFC 9000 section 10.1).
    await new Promise((resolve) => setTimeout(resolve, 3500))
    const dialler = await dial(listener)
    dialler.write(text('after them'))
    await (await incoming.promise).untilBytes(10)
    expect(errors).toEqual([])
  })

  it('lets a silent handshake go after 15 s, and asks for signs of life three times as often on both sides', () => {
    const listening = quicConfigValues({ idleTimeoutMs: QUIC_LISTENER_IDLE_TIMEOUT_MS })
    const dialling = quicConfigValues({})
    expect(listening.maxIdleTimeout).toBe(15_000)
    for (const { keepAliveInterval } of [listening, dialling])
      expect(keepAliveInterval * 3).toBeLessThanOrEqual(listening.maxIdleTimeout)
  })

  it('keeps a live link through several times its time-out, although nobody sends anything', async () => {
    const incoming = Promise.withResolvers<Recorder>()
    const listener = await listenQuic({
      host: '127.0.0.1',
      port: 0,
      idleTimeoutMs: 500,
      onLink: (link) => incoming.resolve(Recorder.attach(link)),
    })
    cleanups.push(() => void listener.close())
    const dialler = await dial(listener)
    dialler.write(text('quiet'))
    const acceptor = await incoming.promise
    await acceptor.untilBytes(5)
    await new Promise((resolve) => setTimeout(resolve, 2000))
    acceptor.write(text('still here'))
    await dialler.untilBytes(10)
    expect([dialler.closes, acceptor.closes]).toEqual([[], []])
  })

  it('accepts others while handshakes stand still', async () => {
    const incoming = Promise.withResolvers<Recorder>()
    const listener = await listen((link) => incoming.resolve(Recorder.attach(link)))
    // Their first flight gets in, no answer gets out.
    const port = await relay(listener.port, (fromClient) => fromClient)
    const stalled = Array.from({ length: 20 }, () =>
      failure(dialQuic('127.0.0.1', port, { timeoutMs: 2000 })),
    )
    await new Promise((resolve) => setTimeout(resolve, 200))
    const dialler = await dial(listener)
    dialler.write(text('no queue'))
    await (await incoming.promise).untilBytes(8)
    expect((await Promise.all(stalled)).map(({ code }) => code)).toEqual(stalled.map(() => 'E_TIMEOUT'))
  })

  it('ignores datagrams that are not QUIC', async () => {
    const incoming = Promise.withResolvers<Recorder>()
    const listener = await listen((link) => incoming.resolve(Recorder.attach(link)))
    const noise = createSocket('udp4')
    cleanups.push(() => noise.close())
    for (let size = 1; size < 1400; size += 50)
      noise.send(new Uint8Array(size).fill(0xc3), listener.port, '127.0.0.1')
    const dialler = await dial(listener)
    dialler.write(text('fine'))
    await (await incoming.promise).untilBytes(4)
  })

  it('frees its port once its last link is over', async () => {
    const incoming = Promise.withResolvers<Recorder>()
    const listener = await listen((link) => incoming.resolve(Recorder.attach(link)))
    const dialler = await dial(listener)
    dialler.write(text('x'))
    const acceptor = await incoming.promise
    await listener.close()
    const taken = await failure(listenQuic({ host: '127.0.0.1', port: listener.port, onLink: () => {} }))
    expect(taken.code).toBe('E_ADDRESS_IN_USE')
    for (const side of [dialler, acceptor]) side.call(() => side.link.end())
    await Promise.all([dialler.untilClose(), acceptor.untilClose()])
    for (;;) {
      try {
        const again = await listenQuic({ host: '127.0.0.1', port: listener.port, onLink: () => {} })
        await again.close()
        break
      } catch {
        await new Promise((resolve) => setTimeout(resolve, 10))
      }
    }
  })

  it('reports an address that it cannot have', async () => {
    const error = await failure(listenQuic({ host: '192.0.2.1', port: 0, onLink: () => {} }))
    expect(error.code).toBe('E_LINK')
    expect(error.message).toContain('this machine does not have that address')
  })
})

describe('dialling over quic again and again', () => {
  const openFiles = (): number => readdirSync('/proc/self/fd').length

  it('uses the same sockets', async () => {
    const listener = await listen((link) => {
      const acceptor = Recorder.attach(link)
      acceptor.onEnd = () => link.end()
    })
    const dialOnce = async (): Promise<void> => {
      const dialler = await dial(listener)
      dialler.call(() => dialler.link.end())
      await dialler.untilClose()
    }
    await dialOnce()
    const before = openFiles()
    for (let i = 0; i < 10; i++) await dialOnce()
    expect(openFiles()).toBeLessThanOrEqual(before)
  })
})

describe('a machine without the QUIC library', () => {
  it('is told what to install, and only when it uses QUIC', async () => {
    const child = await runChild('without-quic.ts')
    cleanups.push(() => void child.process.kill('SIGKILL'))
    expect(await child.line()).toBe('tcp works')
    expect(await child.line()).toMatch(
      /^E_DEPENDENCY_MISSING: .* not installed .* npm install @chainsafe\/libp2p-quic\S*@2\.1\.1/,
    )
  })
})
