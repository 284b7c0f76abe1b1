import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock, SeededRandom } from '../../../../src/lib/core/index.ts'
import { flipBit } from '../../handshake/sides.ts'
import { connectTo, type Running, START_MS, startListener, until } from '../endpoints.ts'
import { message1For } from '../hand-client.ts'

interface Timed extends Running {
  readonly clock: ManualClock
}

async function listener(options: Parameters<typeof startListener>[0] = {}): Promise<Timed> {
  const clock = new ManualClock(START_MS)
  return { ...(await startListener({ ...options, clock }, 'htx+tcp://127.0.0.1:0')), clock }
}

/** What a prober on a kernel socket sees of the other end. */
class SocketProbe {
  readonly socket: Socket
  readonly events: string[] = []

  constructor(socket: Socket) {
    this.socket = socket
    socket.on('data', (chunk) => this.events.push(`data ${chunk.length}`))
    socket.on('end', () => this.events.push('end'))
    socket.on('error', (error: NodeJS.ErrnoException) => this.events.push(`${error.code}`))
    socket.on('close', () => this.events.push('close'))
    onTestFinished(() => void socket.destroy())
  }
}

/** @param from local address: another /24 for each group of probers */
async function probe(
  { listener: { port } }: Running,
  bytes: Uint8Array,
  from = '127.0.0.1',
): Promise<SocketProbe> {
  const socket = connect({ port, host: '127.0.0.1', localAddress: from, allowHalfOpen: true })
  const one = new SocketProbe(socket)
  await once(socket, 'connect')
  if (bytes.length > 0) socket.write(bytes)
  return one
}

/** Moves the clock past every time-out of silent links while real sockets catch up. */
async function outlast(running: Timed): Promise<void> {
  for (let second = 0; second < 215; second += 5) {
    running.clock.advance(5000)
    await new Promise<void>((resolve) => setImmediate(resolve))
  }
}

describe('over TCP, a listener', () => {
  it('ends every silent connection by FIN, never by RST, though the prober goes on sending', async () => {
    const running = await listener()
    const { address } = running.listener
    const random = new SeededRandom(5)
    const genuine = message1For(address)
    const first = await probe(running, genuine, '127.0.9.1')
    await until(() => first.events.length > 0, 'message 2')
    const inputs = [
      new Uint8Array(0),
      random.bytes(1),
      random.bytes(47),
      random.bytes(4096),
      random.bytes(200_000),
      flipBit(genuine, 17),
      flipBit(genuine, 8 * 700),
      genuine.subarray(0, 1000),
      genuine,
      message1For(address, { suite: 5 }),
      message1For(address, { wallMs: START_MS + 700_000 }),
      new TextEncoder().encode('GET / HTTP/1.1\r\n\r\n'),
    ]
    const probes = await Promise.all(
      inputs.map((bytes, i) => probe(running, bytes, `127.0.${10 + (i >> 3)}.1`)),
    )
    // All but the idle one, the single byte and the unfinished message are judged at once.
    await until(
      () => running.outcomes.filter((outcome) => outcome === 'silent').length >= 8,
      'the judgements',
    )
    running.clock.advance(10_000)
    await until(
      () => running.outcomes.filter((outcome) => outcome === 'silent').length === 12,
      'all judgements',
    )
    for (const { socket } of probes) socket.write(random.bytes(3000))
    await outlast(running)
    await until(() => probes.every(({ events }) => events.length > 0), 'the ends')
    expect(probes.map(({ events }) => events)).toEqual(probes.map(() => ['end']))
    // They do not have to take the hint at once.
    for (const { socket } of probes) socket.write(random.bytes(3000))
    for (const { socket } of probes) socket.end()
    await until(() => probes.every(({ events }) => events.includes('close')), 'the closes')
    expect(probes.map(({ events }) => events)).toEqual(probes.map(() => ['end', 'close']))
  })

  it('refuses at accept by FIN when the discard set of a prefix is full, and serves other prefixes', async () => {
    const running = await listener({ admission: { discardedPerPrefix: 4 } })
    for (let i = 0; i < 4; i++) await probe(running, new Uint8Array(100), `127.0.1.${i + 1}`)
    await until(() => running.outcomes.length === 4, 'the judgements')
    const refused = await probe(running, message1For(running.listener.address), '127.0.1.77')
    await until(() => refused.events.length > 0, 'the refusal')
    refused.socket.end()
    await until(() => refused.events.includes('close'), 'the close')
    expect(refused.events).toEqual(['end', 'close'])
    const served = await probe(running, message1For(running.listener.address, { seed: 2 }), '127.0.2.1')
    await until(() => served.events.length > 0, 'message 2')
    expect(served.events[0]).toMatch(/^data \d+$/)
  })

  it('answers a genuine client while hundreds are silent', async () => {
    const running = await listener()
    const probes: SocketProbe[] = []
    for (let i = 0; i < 200; i++)
      probes.push(await probe(running, new Uint8Array(60), `127.0.${20 + (i >> 3)}.1`))
    await until(() => running.outcomes.length === 200, 'the judgements')
    const session = await connectTo(running)
    expect(await session.ping()).toBeGreaterThanOrEqual(0)
    expect(probes.every(({ events }) => events.length === 0)).toBe(true)
  })

  it('says nothing to a connection that is reset in its face', async () => {
    const running = await listener()
    for (const bytes of [
      new Uint8Array(0),
      new Uint8Array(500),
      message1For(running.listener.address).subarray(0, 900),
    ]) {
      const one = await probe(running, bytes)
      one.socket.resetAndDestroy()
    }
    const session = await connectTo(running)
    expect(await session.ping()).toBeGreaterThanOrEqual(0)
    expect(running.errors).toEqual([])
  })
})
