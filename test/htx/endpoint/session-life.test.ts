import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom, toHex, utf8 } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import { buildPing, FRAME } from '../../../src/lib/htx/frames/index.ts'
import type { HtxSession, HtxStream, SessionEnd } from '../../../src/lib/htx/index.ts'
import { flipBit } from '../handshake/sides.ts'
import { connectTo, elapse, type Running, START_MS, startListener, turns, until } from './endpoints.ts'
import { HandClient } from './hand-client.ts'

interface Joined extends Running {
  readonly clock: ManualClock
  readonly client: HtxSession
  readonly server: HtxSession
}

async function join(options: Parameters<typeof startListener>[0] = {}): Promise<Joined> {
  const clock = new ManualClock(START_MS)
  const running = { ...(await startListener({ ...options, clock })), clock }
  const client = await connectTo(running)
  await until(() => running.sessions.length === 1, 'the session')
  return { ...running, client, server: running.sessions[0] as HtxSession }
}

/** A session with a client that says only what the test says. */
async function joinByHand(
  options: Parameters<typeof startListener>[0] = {},
): Promise<Joined & { readonly hand: HandClient }> {
  const clock = new ManualClock(START_MS)
  const running = { ...(await startListener({ ...options, clock })), clock }
  const hand = await HandClient.open(running.listener.address)
  await until(() => running.sessions.length === 1, 'the session')
  const server = running.sessions[0] as HtxSession
  return { ...running, client: server, server, hand }
}

/** Answers the PINGs that have come. */
function answerPings(hand: HandClient): void {
  for (const frame of hand.read())
    if (frame.kind === 'ping' && !frame.reply)
      hand.write(hand.seal(FRAME.PING, undefined, buildPing(true, frame.token)))
  hand.frames.length = 0
}

/** The errors of a stream, in order, and whether it has closed. */
function watchStream(stream: HtxStream): { readonly errors: Error[]; closed: boolean } {
  const seen = { errors: [] as Error[], closed: false }
  stream.on('error', (error) => seen.errors.push(error))
  stream.on('close', () => {
    seen.closed = true
  })
  return seen
}

describe('closing a session', () => {
  it('tells both sides why, once, and lets go of everything', async () => {
    const { client, server, clock, listener } = await join()
    const ends: SessionEnd[] = []
    for (const session of [client, server]) void session.closed.then((end) => ends.push(end))
    const end = await client.close(CODE.GOING_AWAY, 'bye')
    expect(end).toMatchObject({ cause: 'closed', code: CODE.GOING_AWAY, byPeer: false })
    expect(await server.closed).toMatchObject({
      cause: 'closed',
      code: CODE.GOING_AWAY,
      reason: 'bye',
      byPeer: true,
    })
    expect(await client.close()).toBe(end)
    expect(await client.drain()).toBe(end)
    await turns(5)
    expect(ends.length).toBe(2)
    expect([client.isOpen, server.isOpen, listener.sessions.length]).toEqual([false, false, 0])
    expect(clock.nextTimerAt()).toBeUndefined()
  })

  it('ends every open stream in error on both sides', async () => {
    const { client, server, streams } = await join()
    const ours = client.openStream()
    ours.write('x')
    await until(() => streams.length === 1, 'the stream')
    const seen = [watchStream(ours), watchStream(streams[0] as HtxStream)]
    await client.close(CODE.INTERNAL_ERROR)
    await server.closed
    await until(() => seen.every(({ closed }) => closed), 'the ends')
    expect(seen.map(({ errors }) => errors)).toMatchObject([
      [{ code: 'E_SESSION_ERROR' }],
      [{ code: 'E_SESSION_ERROR' }],
    ])
  })

  it('refuses new streams, pings and keys afterwards', async () => {
    const { client } = await join()
    void client.close()
    expect(() => client.openStream()).toThrow(expect.objectContaining({ code: 'E_SESSION_CLOSED' }))
    await expect(client.ping()).rejects.toMatchObject({ code: 'E_SESSION_CLOSED' })
    expect(() => client.exportKey('a', utf8('b'), 32)).toThrow(
      expect.objectContaining({ code: 'E_SESSION_CLOSED' }),
    )
    await client.closed
    expect(() => client.exportKey('a', utf8('b'), 32)).toThrow(
      expect.objectContaining({ code: 'E_SESSION_CLOSED' }),
    )
  })

  it('at both ends at once is one clean end for each', async () => {
    const { client, server } = await join()
    const ends = await Promise.all([client.close(), server.close()])
    expect(ends).toMatchObject([
      { cause: 'closed', code: CODE.OK },
      { cause: 'closed', code: CODE.OK },
    ])
  })

  it('ends in bounded time although the peer takes nothing', async () => {
    const { server, hand, clock } = await joinByHand()
    hand.probe.link.pause()
    const stream = server.openStream()
    stream.on('error', () => {})
    for (let i = 0; i < 40; i++) stream.write(Buffer.alloc(64 * 1024))
    await turns(20)
    const closing = server.close()
    for (let second = 0; second < 4; second++) {
      await turns(5)
      clock.advance(1000)
    }
    hand.probe.link.abort()
    expect(await closing).toMatchObject({ cause: 'closed', code: CODE.OK })
  })
})

describe('draining a session', () => {
  it('waits for open streams, refuses new ones, and ends with OK', async () => {
    const { client, server, streams } = await join()
    const ours = client.openStream()
    ours.write('a')
    await until(() => streams.length === 1, 'the stream')
    const theirs = streams[0] as HtxStream
    let over = false
    const draining = client.drain().then((end) => {
      over = true
      return end
    })
    await turns(20)
    expect(over).toBe(false)
    expect(() => client.openStream()).toThrow(expect.objectContaining({ code: 'E_SESSION_CLOSED' }))
    expect(() => server.openStream()).toThrow(expect.objectContaining({ code: 'E_SESSION_CLOSED' }))
    const text = textOf(ours)
    theirs.end('answer')
    theirs.resume()
    ours.end('b')
    expect(await text).toBe('answer')
    expect(await draining).toMatchObject({ cause: 'closed', code: CODE.OK })
    expect(await server.closed).toMatchObject({ cause: 'closed', code: CODE.OK })
  })

  it('closes after its grace, ten seconds by default, by the clock of the endpoint', async () => {
    for (const [grace, ms] of [
      [undefined, 10_000],
      [500, 500],
    ] as const) {
      const { client, clock, streams } = await join()
      const ours = client.openStream()
      const seen = watchStream(ours)
      ours.write('a')
      await until(() => streams.length === 1, 'the stream')
      let over = false
      const draining = client.drain(grace).then(() => {
        over = true
      })
      await turns(10)
      clock.advance(ms - 1)
      await turns(10)
      expect(over).toBe(false)
      clock.advance(1)
      await draining
      expect(seen.errors).toMatchObject([{ code: 'E_SESSION_CLOSED' }])
    }
  })

  it('is what closing a listener does to each of its sessions', async () => {
    const { client, listener, streams } = await join()
    const ours = client.openStream()
    ours.write('a')
    await until(() => streams.length === 1, 'the stream')
    const closing = listener.close()
    await turns(20)
    const text = textOf(ours)
    streams[0]?.end('last words')
    streams[0]?.resume()
    ours.end()
    expect(await text).toBe('last words')
    await closing
    expect(await client.closed).toMatchObject({ cause: 'closed', code: CODE.OK })
    await expect(connectTo({ listener, clock: new ManualClock(START_MS) })).rejects.toMatchObject({
      code: 'E_UNREACHABLE',
    })
  })
})

describe('a link that is cut', () => {
  it('ends both sessions as lost, and every stream in error', async () => {
    const { client, server, streams, clock } = await join()
    const ours = client.openStream()
    ours.write('a')
    await until(() => streams.length === 1, 'the stream')
    const seen = [watchStream(ours), watchStream(streams[0] as HtxStream)]
    client.abort()
    expect(await client.closed).toMatchObject({ cause: 'link-lost' })
    expect(await server.closed).toMatchObject({ cause: 'link-lost' })
    await until(() => seen.every(({ closed }) => closed), 'the ends')
    expect(seen.map(({ errors }) => errors)).toMatchObject([
      [{ code: 'E_LINK_LOST' }],
      [{ code: 'E_LINK_LOST' }],
    ])
    expect(clock.nextTimerAt()).toBeUndefined()
  })

  it('may be cut with anything under way, and again, without harm', async () => {
    const { client } = await join()
    const stream = client.openStream()
    const seen = watchStream(stream)
    for (let i = 0; i < 100; i++) stream.write(Buffer.alloc(100_000))
    const ping = client.ping()
    client.abort()
    client.abort()
    void client.close()
    await expect(ping).rejects.toMatchObject({ name: 'AivError' })
    expect(await client.closed).toMatchObject({ cause: expect.stringMatching(/closed|link-lost/) })
    await until(() => seen.closed, 'the end')
  })

  it('is a loss too when it ends cleanly without CLOSE', async () => {
    const { server, hand, streams } = await joinByHand()
    hand.write(hand.stream(1, { open: 16 }, utf8('half')))
    await until(() => streams.length === 1, 'the stream')
    const seen = watchStream(streams[0] as HtxStream)
    const text: string[] = []
    streams[0]?.on('data', (chunk: Buffer) => text.push(chunk.toString()))
    await until(() => text.length > 0, 'the data')
    hand.probe.link.end()
    expect(await server.closed).toMatchObject({ cause: 'link-lost' })
    await until(() => seen.closed, 'the end')
    expect([text, seen.errors]).toMatchObject([['half'], [{ code: 'E_LINK_LOST' }]])
  })
})

describe('a peer that has vanished', () => {
  it('is given up 15 s after a PING, and its link is let go without waiting for it', async () => {
    const { server, hand, clock } = await joinByHand()
    await hand.frame('ping')
    clock.advance(14_999)
    await turns(5)
    expect(server.isOpen).toBe(true)
    clock.advance(1)
    await turns(5)
    expect(server.isOpen).toBe(false)
    clock.advance(2_000)
    hand.probe.link.end()
    expect(await server.closed).toMatchObject({
      cause: 'closed',
      code: CODE.KEEPALIVE_TIMEOUT,
      byPeer: false,
    })
  })

  it('is noticed within 66 s and 15 s when it stops answering later', async () => {
    const { server, hand, clock } = await joinByHand()
    await hand.frame('ping')
    answerPings(hand)
    await turns(10)
    for (let second = 0; second < 82 && server.isOpen; second++) {
      clock.advance(1000)
      await turns(2)
    }
    expect(server.isOpen).toBe(false)
  })

  it('is not one that only answers PINGs; that one is idle after its time', async () => {
    const { server, hand, clock } = await joinByHand()
    for (let second = 0; second < 299; second++) {
      answerPings(hand)
      await turns(3)
      clock.advance(1000)
    }
    expect(server.isOpen).toBe(true)
    clock.advance(1000)
    await turns(3)
    hand.probe.link.end()
    expect(await server.closed).toMatchObject({ code: CODE.IDLE_TIMEOUT })
  })
})

describe('a frame that is not genuine', () => {
  it('ends the session without a word, and the link within 30 s, without a reset', async () => {
    const waits: number[] = []
    for (let seed = 0; seed < 12; seed++) {
      const { server, hand, clock, streams } = await joinByHand({ random: new SeededRandom(seed) })
      hand.write(hand.stream(1, { open: 16 }, utf8('x')))
      await until(() => streams.length === 1, 'the stream')
      const seen = watchStream(streams[0] as HtxStream)
      hand.read()
      const before = hand.probe.bytes
      const start = clock.now()
      hand.write(flipBit(hand.stream(1, {}, utf8('y')), 70))
      await until(() => seen.closed, 'the end of the stream')
      expect(seen.errors).toMatchObject([{ code: 'E_AUTHENTICATION' }])
      for (let second = 0; second < 31 && !hand.probe.ended; second++) {
        hand.write(new Uint8Array(100))
        clock.advance(1000)
        await turns(3)
      }
      waits.push(clock.now() - start)
      expect([hand.probe.ended, hand.probe.bytes - before]).toEqual([true, 0])
      hand.probe.link.end()
      expect(await server.closed).toMatchObject({ cause: 'unauthenticated' })
      await until(() => hand.probe.closed, 'the close')
      expect(hand.probe.error).toBeUndefined()
    }
    expect(Math.max(...waits) - Math.min(...waits)).toBeGreaterThan(8000)
  })
})

describe('ping', () => {
  it('may be asked for a hundred times at once', async () => {
    const { client, server, clock } = await join()
    const both = await Promise.all(
      [client, server].flatMap((session) => Array.from({ length: 100 }, () => session.ping())),
    )
    expect(both.length).toBe(200)
    expect(both.every((ms) => ms >= 0)).toBe(true)
    // A PING whose reply the peer had dropped would end the session now.
    await elapse(clock, 20_000)
    expect([client.isOpen, server.isOpen]).toEqual([true, true])
  })

  it('can be given up, and does not hold up the next', async () => {
    const { client, server } = await join()
    const control = new AbortController()
    const first = client.ping(control.signal)
    const second = client.ping(control.signal)
    const third = client.ping()
    control.abort()
    await expect(first).rejects.toMatchObject({ code: 'E_ABORTED' })
    await expect(second).rejects.toMatchObject({ code: 'E_ABORTED' })
    expect(await third).toBeGreaterThanOrEqual(0)
    await expect(server.ping(AbortSignal.abort())).rejects.toMatchObject({ code: 'E_ABORTED' })
  })

  it('fails when the session ends before the answer, however many wait', async () => {
    const { client } = await join()
    const pings = Array.from({ length: 20 }, () => client.ping())
    client.abort()
    const outcomes = await Promise.allSettled(pings)
    expect(outcomes.every(({ status }) => status === 'rejected')).toBe(true)
  })
})

describe('a key for the application', () => {
  it('is the same on both sides and differs by label, context and session', async () => {
    const { client, server } = await join()
    const other = await join()
    const key = (session: HtxSession, label = 'a', context = 'b'): string =>
      toHex(session.exportKey(label, utf8(context), 32))
    expect(key(client)).toBe(key(server))
    const different = [key(client), key(client, 'b'), key(client, 'a', 'c'), key(other.client)]
    expect(new Set(different).size).toBe(4)
    expect(client.description.sessionId).toBe(server.description.sessionId)
    expect(client.description.sessionId).not.toBe(other.client.description.sessionId)
  })
})

async function textOf(stream: HtxStream): Promise<string> {
  const chunks: string[] = []
  for await (const chunk of stream) chunks.push(String(chunk))
  return chunks.join('')
}
