import { describe, expect, it } from 'vitest'
import { SeededRandom, toHex, utf8 } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import type { HtxSession, HtxStream } from '../../../src/lib/htx/index.ts'
import { flipBit } from '../handshake/sides.ts'
import { elapse, turns, until } from './endpoints.ts'
import { answerPings, join, joinByHand, watchStream } from './joined.ts'

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
