import { createSocket } from 'node:dgram'
import { describe, expect, it, onTestFinished } from 'vitest'
import { QUIC_LISTENER_IDLE_TIMEOUT_MS } from '../../../src/lib/link/constants.ts'
import { loadQuicBinding } from '../../../src/lib/link/quic/binding.ts'
import { quicConfig, quicConfigValues } from '../../../src/lib/link/quic/config.ts'
import { dialQuic, listenQuic } from '../../../src/lib/link/quic.ts'
import { failure, text } from '../compliance.ts'
import { Recorder, turns } from '../recorder.ts'
import { dial, listen, relay } from './ends.ts'
import { initialPacket, PING, WRONG_HANDSHAKE } from './initial.ts'

/** Sends one first packet for each of `frames`, each of a connection of its own. */
async function sendInitials(port: number, frames: readonly Uint8Array[]): Promise<void> {
  const socket = createSocket('udp4')
  onTestFinished(() => void socket.close())
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
    onTestFinished(() => void listener.close())
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
    onTestFinished(() => client.abort())
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
    onTestFinished(() => void listener.close())
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
    onTestFinished(() => void listener.close())
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
    onTestFinished(() => void noise.close())
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
