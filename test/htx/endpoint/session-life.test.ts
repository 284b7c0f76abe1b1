import { describe, expect, it } from 'vitest'
import { ManualClock, utf8 } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import type { HtxStream, SessionEnd } from '../../../src/lib/htx/index.ts'
import { connectTo, START_MS, turns, until } from './endpoints.ts'
import { join, joinByHand, watchStream } from './joined.ts'

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

async function textOf(stream: HtxStream): Promise<string> {
  const chunks: string[] = []
  for await (const chunk of stream) chunks.push(String(chunk))
  return chunks.join('')
}
