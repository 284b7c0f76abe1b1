import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { beforeAll, describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom, u16 } from '../../../src/lib/core/index.ts'
import { nodeProvider } from '../../../src/lib/crypto/index.ts'
import { VERSION_1_1 } from '../../../src/lib/htx/constants.ts'
import { type FirstFlight, judgeFirstFlight } from '../../../src/lib/htx/decode/first-flight.ts'
import { Initiator, SUITE, type SuiteId } from '../../../src/lib/htx/handshake/index.ts'
import { ABSENT_PARAMETERS } from '../../../src/lib/htx/session/index.ts'
import { dialLink } from '../../../src/lib/link/index.ts'

/** First flights of each link. */
const COUNT = 10_000
const HELLO = { versions: [VERSION_1_1], features: 15, parameters: ABSENT_PARAMETERS }

/** Message 1 as htx+tcp sends it, fresh keys and padding each time. */
function plainFlights(suite: SuiteId, seed: number): FirstFlight[] {
  const random = new SeededRandom(seed)
  const staticKey = nodeProvider.x25519.fromPrivate(random.bytes(32))
  const remoteStatic = nodeProvider.x25519.fromPrivate(random.bytes(32)).publicKey
  return Array.from({ length: COUNT }, () => {
    const initiator = new Initiator({
      suite,
      link: 'tcp',
      hello: HELLO,
      clock: new ManualClock(1_790_000_000_000),
      random,
      staticKey,
      remoteStatic,
    })
    const flight = judgeFirstFlight(initiator.start())
    initiator.erase()
    return flight
  })
}

/** What the WebSocket link of the product really writes first, as a listening socket sees it. */
async function websocketFlights(secure: boolean): Promise<FirstFlight[]> {
  const flights: FirstFlight[] = []
  const server = createServer((socket: Socket) => {
    socket.on('error', () => {})
    socket.once('data', (first: Buffer) => {
      flights.push(judgeFirstFlight(first))
      socket.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0
  const worker = async (): Promise<void> => {
    while (flights.length < COUNT) {
      await dialLink('ws', { host: '127.0.0.1', port, path: '/htx', secure }, {}).catch(() => {})
    }
  }
  try {
    await Promise.all(Array.from({ length: 16 }, worker))
  } finally {
    server.close()
  }
  return flights.slice(0, COUNT)
}

function share(flights: readonly FirstFlight[], holds: (flight: FirstFlight) => boolean): number {
  return flights.filter(holds).length / flights.length
}

describe('10,000 first flights of htx+tcp', () => {
  let flights: FirstFlight[]
  beforeAll(() => {
    flights = plainFlights(SUITE.XK_HFS, 1)
  })

  it('fit no exemption: they are taken for fully encrypted traffic', () => {
    expect(flights).toHaveLength(COUNT)
    expect(share(flights, ({ exempt }) => exempt)).toBe(0)
  })

  it('have about four bits set per byte, as random bytes do', () => {
    const mean = flights.reduce((sum, { bitsPerByte }) => sum + bitsPerByte, 0) / COUNT
    expect(mean).toBeGreaterThan(3.97)
    expect(mean).toBeLessThan(4.03)
  })

  it('are recognised by their readable length and suite, each of them', () => {
    expect(share(flights, ({ looksLike }) => looksLike === 'htx')).toBe(1)
  })

  it('are no better with classical keys, though a short one may fit by chance', () => {
    const classical = plainFlights(SUITE.XK, 2)
    expect(share(classical, ({ exempt }) => exempt)).toBeLessThan(0.02)
    expect(share(classical, ({ looksLike }) => looksLike === 'htx')).toBe(1)
  })
})

describe('10,000 first flights', { timeout: 180_000 }, () => {
  it('of htx+ws are exempt as HTTP, each of them', async () => {
    const flights = await websocketFlights(false)
    expect(flights).toHaveLength(COUNT)
    expect(share(flights, ({ ex5, looksLike }) => ex5 && looksLike === 'http')).toBe(1)
  })

  it('of htx+wss are exempt as TLS, each of them', async () => {
    const flights = await websocketFlights(true)
    expect(flights).toHaveLength(COUNT)
    expect(share(flights, ({ ex5, looksLike }) => ex5 && looksLike === 'tls')).toBe(1)
  })
})

/** `ones` bits set in each of ten bytes that are not printable as a whole. */
function withBits(total: number, length: number): Uint8Array {
  const out = new Uint8Array(length)
  for (let i = 0; i < total; i++) out[i % length] = ((out[i % length] as number) << 1) | 1
  return out
}

describe('the borders of the rules', () => {
  it('are at 3.4 and 4.6 bits a byte, both included', () => {
    expect(judgeFirstFlight(withBits(340, 100)).ex1).toBe(true)
    expect(judgeFirstFlight(withBits(341, 100)).ex1).toBe(false)
    expect(judgeFirstFlight(withBits(459, 100)).ex1).toBe(false)
    expect(judgeFirstFlight(withBits(460, 100)).ex1).toBe(true)
  })

  it('are at six printable bytes at the start, 0x20 and 0x7e included', () => {
    const start = (...first: number[]): Uint8Array => Uint8Array.of(...first, 0x80, 0xff, 0x00)
    expect(judgeFirstFlight(start(0x20, 0x7e, 0x41, 0x41, 0x41, 0x41)).ex2).toBe(true)
    expect(judgeFirstFlight(start(0x1f, 0x7e, 0x41, 0x41, 0x41, 0x41)).ex2).toBe(false)
    expect(judgeFirstFlight(start(0x20, 0x7f, 0x41, 0x41, 0x41, 0x41)).ex2).toBe(false)
    expect(judgeFirstFlight(Uint8Array.of(0x41, 0x41, 0x41, 0x41, 0x41)).ex2).toBe(false)
  })

  it('are at more than half of the bytes printable', () => {
    const printable = (count: number): Uint8Array => new Uint8Array(100).fill(0xff).fill(0x41, 0, count)
    expect(judgeFirstFlight(printable(50)).ex3).toBe(false)
    expect(judgeFirstFlight(printable(51)).ex3).toBe(true)
  })

  it('are at more than twenty printable bytes in a row', () => {
    const run = (count: number): Uint8Array => new Uint8Array(100).fill(0xff).fill(0x41, 30, 30 + count)
    expect(judgeFirstFlight(run(20)).ex4).toBe(false)
    expect(judgeFirstFlight(run(21)).ex4).toBe(true)
  })

  it.each([
    ['TLS handshake', [0x16, 0x03, 0x00], true],
    ['TLS data', [0x17, 0x03, 0x09], true],
    ['TLS with a tenth version', [0x16, 0x03, 0x0a], false],
    ['TLS alert', [0x15, 0x03, 0x03], false],
    ['TLS cut short', [0x16, 0x03], false],
    ['another second byte', [0x16, 0x02, 0x03], false],
  ])('%s', (_name, bytes, exempt) => {
    expect(judgeFirstFlight(Uint8Array.from(bytes)).ex5).toBe(exempt)
  })

  it.each([
    ['GET /', true],
    ['PUT /', true],
    ['POST /', true],
    ['HEAD /', true],
    ['GETS', false],
    ['POST', false],
    ['get /', false],
    ['DELETE /', false],
  ])('%s as HTTP: %s', (text, exempt) => {
    expect(judgeFirstFlight(new TextEncoder().encode(text)).ex5).toBe(exempt)
  })

  it('lie for HTX where its own limits on message 1 do', () => {
    const flight = (length: number, suite: number): FirstFlight['looksLike'] =>
      judgeFirstFlight(Uint8Array.of(...u16(length), suite)).looksLike
    expect(flight(1 + 32 + 1200 + 16, 2)).toBe('htx')
    expect(flight(32 + 1200 + 16, 2)).toBe('unknown')
    expect(flight(4096, 2)).toBe('htx')
    expect(flight(4097, 2)).toBe('unknown')
    expect(flight(1300, 7)).toBe('unknown')
  })
})
