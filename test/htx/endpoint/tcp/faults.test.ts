import { describe, expect, it } from 'vitest'
import { isAivError, ManualClock, SeededRandom } from '../../../../src/lib/core/index.ts'
import { connect, type HtxSession, type HtxStream } from '../../../../src/lib/htx/index.ts'
import {
  CLIENT,
  elapse,
  LIVE_CLOCK,
  type Running,
  START_MS,
  startListener,
  turns,
  until,
} from '../endpoints.ts'
import { type ProxyFaults, startProxy, type TcpProxy } from '../tcp-proxy.ts'

const TCP = 'htx+tcp://127.0.0.1:0'
const TYPED = /^E_[A-Z_]+$/

interface Proxied extends Running {
  readonly proxy: TcpProxy
  readonly address: string
}

/** A listener that echoes, behind a proxy with faults. */
async function behindProxy(
  faults: ProxyFaults = {},
  options: Parameters<typeof startListener>[0] = {},
): Promise<Proxied> {
  const running = await startListener(
    {
      clock: LIVE_CLOCK,
      admission: {
        handshakesPerPrefix: 1000,
        discardedPerPrefix: 1000,
        bucket: { capacity: 1e6, refillPerSecond: 0 },
      },
      onStream: (stream) => echo(stream),
      ...options,
    },
    TCP,
  )
  const proxy = await startProxy(running.listener.port, faults)
  const address = running.listener.address.replace(`:${running.listener.port}?`, `:${proxy.port}?`)
  return { ...running, proxy, address }
}

function echo(stream: HtxStream): void {
  stream.on('error', () => {})
  stream.on('data', (chunk: Buffer) => {
    if (!stream.write(chunk)) stream.pause()
  })
  stream.on('drain', () => stream.resume())
  stream.on('end', () => stream.end())
}

/** Byte `offset` of the conversation `seed`: whoever gets it can tell whether it is in its place. */
function fill(buffer: Uint8Array, offset: number, seed: number): Uint8Array {
  for (let i = 0; i < buffer.length; i++)
    buffer[i] = Math.imul(offset + i + seed * 7919, 2_654_435_761) >>> 21
  return buffer
}

interface Exchange {
  /** `whole`, or the code of the error that ended it. */
  readonly outcome: string
  readonly received: number
}

/** Sends bytes through an echo; whatever comes back must be what was sent, in its place. */
async function exchange(session: HtxSession, total: number, seed: number): Promise<Exchange> {
  const stream = session.openStream()
  let received = 0
  let isWrong = false
  return await new Promise((resolve) => {
    const over = (outcome: string): void => resolve({ outcome: isWrong ? 'wrong bytes' : outcome, received })
    stream.on('data', (chunk: Buffer) => {
      if (!chunk.equals(fill(new Uint8Array(chunk.length), received, seed))) isWrong = true
      received += chunk.length
    })
    stream.on('end', () => over('whole'))
    stream.on('error', (error: NodeJS.ErrnoException) => over(String(error.code)))
    let sent = 0
    const write = (): void => {
      while (sent < total) {
        const chunk = fill(new Uint8Array(Math.min(4096, total - sent)), sent, seed)
        sent += chunk.length
        if (!stream.write(chunk)) return
      }
      stream.end()
    }
    stream.on('drain', write)
    write()
  })
}

/** Connects and exchanges; what became of it, in one word. */
async function attempt({ address }: Proxied, total: number, seed: number): Promise<Exchange> {
  let session: HtxSession
  try {
    session = await connect(address, { clock: LIVE_CLOCK, identity: CLIENT, handshakeTimeoutMs: 400 })
  } catch (error) {
    if (!isAivError(error)) throw error
    return { outcome: error.code, received: 0 }
  }
  const result = await exchange(session, total, seed)
  session.abort()
  await session.closed
  return result
}

describe('a connection in pieces', () => {
  it.each([1, 3, 17, 1200])('of %i bytes carries everything', async (pieces) => {
    const proxied = await behindProxy({ pieces })
    const total = Math.min(400_000, pieces * 4000)
    expect(await attempt(proxied, total, pieces)).toEqual({ outcome: 'whole', received: total })
  })
})

describe('a connection that is cut', () => {
  const random = new SeededRandom(101)
  /** The handshake takes about 1.7 and 1.5 KB; the exchange the rest. */
  const cuts = Array.from({ length: 30 }, (_, round) => ({
    way: random.chance(0.5) ? ('up' as const) : ('down' as const),
    bytes: round < 10 ? random.below(2000) : random.below(80_000),
    fault: random.chance(0.5) ? ('reset' as const) : ('end' as const),
  }))

  it.each(cuts)('by $fault after $bytes bytes $way ends in a typed error on both sides', async (after) => {
    const proxied = await behindProxy({ after })
    const { outcome, received } = await attempt(proxied, 100_000, after.bytes)
    expect(outcome).toMatch(TYPED)
    expect(received).toBeLessThan(100_000)
    await until(() => proxied.listener.sessions.length === 0, 'the end of the session')
    for (const session of proxied.sessions) expect((await session.closed).cause).toBe('link-lost')
    expect(proxied.errors).toEqual([])
    // The listener is as good as before.
    const direct = await connect(proxied.listener.address, { clock: LIVE_CLOCK })
    expect(await exchange(direct, 5000, 1)).toEqual({ outcome: 'whole', received: 5000 })
    direct.abort()
  })
})

describe('a connection that changes a byte', () => {
  const random = new SeededRandom(102)

  /** Message 2 ends between bytes 1,340 and 1,600. */
  const inHandshake = Array.from({ length: 4 }, () => random.below(1300))
  const inFrames = Array.from({ length: 8 }, () => 1700 + random.below(60_000))

  it.each(inHandshake)('number %i on its way to the client ends the handshake at once', async (byte) => {
    const proxied = await behindProxy({ corrupt: { way: 'down', byte } })
    const { outcome } = await attempt(proxied, 100_000, byte)
    // A length that grew makes the client wait for more.
    expect(outcome).toBe(byte < 2 ? 'E_HANDSHAKE_TIMEOUT' : 'E_HANDSHAKE')
  })

  it.each(inFrames)('number %i on its way to the client never gives wrong data', async (byte) => {
    const proxied = await behindProxy({ corrupt: { way: 'down', byte } })
    expect((await attempt(proxied, 100_000, byte)).outcome).toMatch(/^E_AUTHENTICATION$|^E_SESSION_ERROR$/)
  })

  it.each(Array.from({ length: 6 }, () => 2500 + random.below(60_000)))(
    'number %i on its way to the listener reaches nobody there',
    async (byte) => {
      const errors: string[] = []
      const seen = { bytes: 0, isWrong: false }
      const proxied = await behindProxy(
        { corrupt: { way: 'up', byte } },
        {
          onStream: (stream) => {
            stream.on('error', (error: NodeJS.ErrnoException) => errors.push(String(error.code)))
            stream.on('data', (chunk: Buffer) => {
              if (!chunk.equals(fill(new Uint8Array(chunk.length), seen.bytes, byte))) seen.isWrong = true
              seen.bytes += chunk.length
            })
          },
        },
      )
      const session = await connect(proxied.address, { clock: LIVE_CLOCK })
      void exchange(session, 100_000, byte)
      await until(() => errors.length > 0, 'the error')
      expect(errors[0]).toMatch(/^E_AUTHENTICATION$|^E_SESSION_ERROR$/)
      expect(seen.isWrong).toBe(false)
      expect(seen.bytes).toBeLessThan(100_000)
      session.abort()
    },
  )

  it('of message 1 is met with silence', async () => {
    for (const byte of [2, 3, 40, 900, 1200]) {
      const proxied = await behindProxy({ corrupt: { way: 'up', byte } })
      expect((await attempt(proxied, 10, 1)).outcome, `${byte}`).toBe('E_HANDSHAKE_TIMEOUT')
      expect(proxied.outcomes[0], `${byte}`).toBe('silent')
    }
  })
})

describe('a connection that stalls', () => {
  it.each(['up', 'down'] as const)('%s during the handshake runs into the deadline', async (way) => {
    const proxied = await behindProxy({ after: { way, bytes: 500, fault: 'stall' } })
    expect((await attempt(proxied, 10, 1)).outcome).toBe('E_HANDSHAKE_TIMEOUT')
  })

  it.each(['up', 'down'] as const)(
    '%s later is given up by both sides, for want of an answer or of the rest of a frame',
    async (way) => {
      const clock = new ManualClock(START_MS)
      const proxied = await behindProxy({ after: { way, bytes: 20_000, fault: 'stall' } }, { clock })
      const session = await connect(proxied.address, { clock })
      const result = exchange(session, 500_000, 3)
      await turns(300)
      await elapse(clock, 90_000)
      expect((await result).outcome).toMatch(/^E_(TIMEOUT|SESSION_ERROR)$/)
      await until(() => !session.isOpen && proxied.sessions.every(({ isOpen }) => !isOpen), 'both ends')
      proxied.proxy.cut()
      const ends = await Promise.all([session.closed, ...proxied.sessions.map(({ closed }) => closed)])
      expect(ends.map(({ cause }) => cause)).toEqual(['closed', 'closed'])
    },
  )
})

describe('a cut with a hundred streams open', () => {
  it('wakes every one of them on both sides', async () => {
    const clients: string[] = []
    const servers: string[] = []
    const proxied = await behindProxy(
      {},
      {
        onStream: (stream) => {
          stream.on('error', (error: NodeJS.ErrnoException) => servers.push(String(error.code)))
          stream.resume()
        },
      },
    )
    const session = await connect(proxied.address, { clock: LIVE_CLOCK })
    for (let i = 0; i < 100; i++) {
      const stream = session.openStream()
      stream.on('error', (error: NodeJS.ErrnoException) => clients.push(String(error.code)))
      stream.write(Buffer.alloc(20_000))
    }
    const ping = session.ping()
    await until(() => proxied.sessions[0]?.streamCount === 100, 'the streams')
    proxied.proxy.cut()
    await ping.catch(() => {})
    expect(await session.closed).toMatchObject({ cause: 'link-lost' })
    await until(() => clients.length === 100 && servers.length === 100, 'every error')
    expect(new Set([...clients, ...servers])).toEqual(new Set(['E_LINK_LOST']))
  })
})
