import { describe, expect, it, onTestFinished } from 'vitest'
import { loadQuicBinding } from '../../../src/lib/link/quic/binding.ts'
import { quicConfig, quicConfigValues } from '../../../src/lib/link/quic/config.ts'
import { text } from '../compliance.ts'
import { Recorder, turns } from '../recorder.ts'
import { dial, listen, relay } from './ends.ts'

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
    const listener = await listen((link) => {
      const recorder = Recorder.attach(link)
      // At once: a pause that comes later leaves a read under way, which would take the end.
      recorder.onData = () => recorder.call(() => link.pause())
      incoming.resolve(recorder)
    })
    const dialler = await dial(listener)
    dialler.write(text('hello'))
    const acceptor = await incoming.promise
    await acceptor.untilBytes(5)
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
    onTestFinished(() => void roomy.abort())
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
