import { describe, expect, it } from 'vitest'
import { concat } from '../../../../src/lib/core/index.ts'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import {
  buildKeyUpdate,
  buildPing,
  buildWindowUpdate,
  FRAME,
  type StreamId,
} from '../../../../src/lib/htx/frames/index.ts'
import type { HtxSession } from '../../../../src/lib/htx/index.ts'
import { connectTo, LIVE_CLOCK, type Running, startListener, turns, until } from '../endpoints.ts'
import { HandClient } from '../hand-client.ts'

async function listener(options: Parameters<typeof startListener>[0] = {}): Promise<Running> {
  return await startListener({ clock: LIVE_CLOCK, ...options }, 'htx+tcp://127.0.0.1:0')
}

/** A hostile client, and an honest session beside it. */
async function withHonestClient(): Promise<{
  running: Running
  hand: HandClient
  honest: HtxSession
  victim: HtxSession
}> {
  const running = await listener()
  const honest = await connectTo(running)
  await until(() => running.sessions.length === 1, 'the honest session')
  const hand = await HandClient.open(running.listener.address)
  await until(() => running.sessions.length === 2, 'the hostile session')
  return { running, hand, honest, victim: running.sessions[1] as HtxSession }
}

/** Writes pieces until the other end has enough of it or `count` are out. */
async function flood(
  hand: HandClient,
  victim: HtxSession,
  count: number,
  piece: (index: number) => Uint8Array,
): Promise<number> {
  let sent = 0
  while (sent < count && victim.isOpen && !hand.probe.closed) {
    const batch: Uint8Array[] = []
    for (let i = 0; i < 100 && sent < count; i++) batch.push(piece(sent++))
    hand.write(concat(...batch))
    await turns(1)
  }
  await until(() => !victim.isOpen || sent === count, 'the reaction')
  return sent
}

const idOf = (index: number): StreamId => 1 + 2 * index

const FLOODS: readonly [string, number, (hand: HandClient) => (index: number) => Uint8Array][] = [
  [
    'rapid resets',
    CODE.ENHANCE_CALM,
    (hand) => (index) =>
      concat(
        hand.stream(idOf(index), { open: 16 }, new Uint8Array(10)),
        hand.stream(idOf(index), { reset: CODE.CANCELLED, stop: CODE.CANCELLED }),
      ),
  ],
  [
    'streams without end',
    CODE.ENHANCE_CALM,
    (hand) => (index) => hand.stream(idOf(index), { open: 16 }, new Uint8Array(1)),
  ],
  [
    'PINGs',
    CODE.ENHANCE_CALM,
    (hand) => () => hand.seal(FRAME.PING, undefined, buildPing(false, new Uint8Array(8))),
  ],
  [
    'empty frames',
    CODE.ENHANCE_CALM,
    (hand) => (index) => (index === 0 ? hand.stream(1, { open: 16 }) : hand.stream(1, {})),
  ],
  [
    'window updates',
    CODE.ENHANCE_CALM,
    (hand) => () => hand.seal(FRAME.WINDOW_UPDATE, 0, buildWindowUpdate(1)),
  ],
  ['unknown extensions', CODE.ENHANCE_CALM, (hand) => () => hand.seal(64, undefined, new Uint8Array(4))],
]

describe.each(FLOODS)('a flood of %s', (_name, code, pieces) => {
  it('ends its own session, and no other', async () => {
    const { running, hand, honest, victim } = await withHonestClient()
    const sent = await flood(hand, victim, 60_000, pieces(hand))
    expect(victim.isOpen).toBe(false)
    expect(sent).toBeLessThan(60_000)
    expect((await hand.frame('close')).code).toBe(code)
    hand.probe.link.end()
    expect(await victim.closed).toMatchObject({ cause: 'closed', code, byPeer: false })
    expect(await honest.ping()).toBeLessThan(5000)
    expect(running.listener.sessions).toEqual([running.sessions[0]])
    expect(running.errors).toEqual([])
  })
})

describe('a client that sends and never reads', () => {
  it('does not make the listener hold its answers', async () => {
    const { hand, honest, victim } = await withHonestClient()
    hand.probe.link.pause()
    await flood(hand, victim, 20_000, () =>
      hand.seal(FRAME.PING, undefined, buildPing(false, new Uint8Array(8))),
    )
    expect(victim.bufferedBytes).toBeLessThan(1_000_000)
    expect(await honest.ping()).toBeLessThan(5000)
    hand.probe.link.abort()
    await victim.closed
  })
})

describe('a frame that claims more than was agreed', () => {
  it('ends the session before any of it is awaited', async () => {
    for (const length of [65_536, 0xffffff]) {
      const { hand, victim } = await withHonestClient()
      const before = victim.bufferedBytes
      hand.write(Uint8Array.of(length >> 16, (length >> 8) & 0xff, length & 0xff, FRAME.STREAM, 1))
      expect((await hand.frame('close')).code).toBe(CODE.MALFORMED_FRAME)
      expect(victim.bufferedBytes).toBe(before)
      hand.probe.link.end()
      await victim.closed
    }
  })
})

describe('a frame under a key that was left', () => {
  it('ends the session without a word', async () => {
    const { hand, honest, victim } = await withHonestClient()
    // Both are sealed under the first key, which the first of them ends.
    hand.write(hand.seal(FRAME.KEY_UPDATE, undefined, buildKeyUpdate(1)))
    hand.write(hand.seal(FRAME.KEY_UPDATE, undefined, buildKeyUpdate(2)))
    await until(() => !victim.isOpen, 'the end')
    expect(await honest.ping()).toBeLessThan(5000)
    hand.probe.link.abort()
    expect(await victim.closed).toMatchObject({ cause: 'unauthenticated' })
  })
})

describe('many connections at once', () => {
  it('all get their sessions when they are honest, and stay within the limit of handshakes', async () => {
    const running = await listener({
      admission: { handshakesPerPrefix: 100, bucket: { capacity: 1000, refillPerSecond: 0 } },
    })
    const sessions = await Promise.all(Array.from({ length: 60 }, () => connectTo(running)))
    const pings = await Promise.all(sessions.map((session) => session.ping()))
    expect(pings.length).toBe(60)
    expect(running.listener.sessions.length).toBe(60)
    await running.listener.close()
    expect(running.listener.sessions).toEqual([])
    expect(
      (await Promise.all(sessions.map(({ closed }) => closed))).every(({ code }) => code === CODE.OK),
    ).toBe(true)
  })
})
