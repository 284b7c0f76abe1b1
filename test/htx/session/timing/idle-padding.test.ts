import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../../src/lib/core/index.ts'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import { FEATURE } from '../../../../src/lib/htx/constants.ts'
import { FRAME } from '../../../../src/lib/htx/frames/index.ts'
import { uniformP } from '../../../support/chi-square.ts'
import { correlationZ, uniformRangeP } from '../../../support/one-sample.ts'
import { watch } from '../../../support/session-events.ts'
import { ALL_FEATURES, makePair } from '../../../support/session-pair.ts'
import { RawPeer, type RawPeerOptions } from '../../../support/session-peer.ts'
import { NO_IDLE } from '../../../support/session-pings.ts'

const PADDED: RawPeerOptions = { ...NO_IDLE, limits: { pad: true } }

interface Sent {
  /** Milliseconds since the session began. */
  readonly at: number
  /** Bytes of the record behind its kind. */
  readonly length: number
}

/** The padding that a session sends in so many milliseconds; PINGs are answered, nothing else is said. */
function paddingOf(peer: RawPeer, ms: number): Sent[] {
  const target = peer.clock.now() + ms
  const sent: Sent[] = []
  for (;;) {
    const next = peer.session.nextDeadline()
    if (next > target) break
    peer.clock.advance(Math.max(0, next - peer.clock.now()))
    peer.session.tick()
    const before = peer.session.statistics.bytesSent
    for (const frame of peer.read()) {
      if (frame.kind === 'ping' && !frame.reply)
        peer.send(FRAME.PING, undefined, Uint8Array.of(1), frame.token)
      // Header of 5 bytes (its stream id is 0), the kind, the tag of 16.
      if (frame.kind === 'control' && frame.control.record === 'padding')
        sent.push({ at: peer.clock.now(), length: peer.session.statistics.bytesSent - before - 22 })
    }
  }
  peer.clock.advance(target - peer.clock.now())
  return sent
}

/** First waits, later waits and lengths of many silences, each broken by a byte of data. */
function manySilences(count: number, seed: number) {
  const peer = new RawPeer({ ...PADDED, seed })
  const first: number[] = []
  const later: number[] = []
  const lengths: number[] = []
  peer.stream(1, { open: 16 })
  for (let i = 0; i < count; i++) {
    peer.stream(1, {}, new Uint8Array(1))
    let last = peer.clock.now()
    const sent = paddingOf(peer, 5_000).filter(({ length }) => length <= 3_072)
    for (const [index, { at, length }] of sent.entries()) {
      ;(index === 0 ? first : later).push(at - last)
      lengths.push(length)
      last = at
    }
  }
  return { first, later, lengths }
}

describe('idle padding', () => {
  const { first, later, lengths } = manySilences(1_500, 21)

  it('comes after a silence drawn from uniform(200, 1200) ms, and again and again after such a wait', () => {
    expect(first.length).toBe(1_500)
    for (const waits of [first, later.slice(0, 3_000)]) {
      expect(Math.min(...waits)).toBeGreaterThanOrEqual(200)
      expect(Math.max(...waits)).toBeLessThanOrEqual(1_200)
      expect(uniformRangeP(waits, 200, 1_200)).toBeGreaterThan(0.001)
      expect(uniformRangeP(waits, 200, 1_300)).toBeLessThan(0.001)
      expect(Math.abs(correlationZ(waits.slice(1), waits.slice(0, -1)))).toBeLessThan(4)
    }
  })

  it('has lengths of uniform{0..3072} bytes, which tell nothing of the waits', () => {
    expect(Math.min(...lengths)).toBeLessThan(10)
    expect(Math.max(...lengths)).toBeGreaterThan(3_062)
    const bins = new Array<number>(7).fill(0)
    for (const length of lengths) bins[Math.floor(length / 439)] = (bins[Math.floor(length / 439)] ?? 0) + 1
    expect(bins.length).toBe(7)
    expect(uniformP(bins)).toBeGreaterThan(0.001)
    const every = [...later].slice(0, 3_000)
    expect(Math.abs(correlationZ(every, lengths.slice(0, every.length)))).toBeLessThan(4)
  })

  // A wait that outlives an interruption is a long one more often than not.
  it('draws the wait anew when data interrupts a silence', () => {
    const peer = new RawPeer({ ...PADDED, seed: 5 })
    peer.stream(1, { open: 16 })
    const waits: number[] = []
    for (let i = 0; i < 4_000; i++) {
      peer.stream(1, {}, new Uint8Array(1))
      const begun = peer.clock.now()
      const [sent] = paddingOf(peer, 700)
      if (sent !== undefined) waits.push(sent.at - begun)
    }
    // Half of the waits end within these 700 ms, and those are uniform(200, 700).
    expect(Math.abs(waits.length - 2_000)).toBeLessThan(4 * Math.sqrt(1_000))
    expect(uniformRangeP(waits, 200, 700)).toBeGreaterThan(0.001)
  })

  it('goes on for 30 s of silence, after which PINGs alone are left', () => {
    const peer = new RawPeer(PADDED)
    const sent = paddingOf(peer, 600_000)
    expect(sent.length).toBeGreaterThan(25)
    expect(Math.max(...sent.map(({ at }) => at))).toBeLessThanOrEqual(30_000)
    expect(Math.max(...sent.map(({ at }) => at))).toBeGreaterThan(28_800)
    peer.stream(1, { open: 16 }, new Uint8Array(1))
    const again = paddingOf(peer, 600_000)
    expect(Math.max(...again.map(({ at }) => at)) - 600_000).toBeGreaterThan(28_800)
  })

  it('is broken by data of this side, and not by PING, credit or padding of the peer', () => {
    const peer = new RawPeer(PADDED)
    const stream = watch(peer.session.openStream()).stream
    peer.read()
    paddingOf(peer, 29_000)
    for (const act of [
      () => peer.send(FRAME.STREAM, 0, new Uint8Array(100)),
      () => peer.credit(0, 1),
      () => peer.send(FRAME.PING, undefined, new Uint8Array(9)),
    ]) {
      act()
      peer.read()
    }
    expect(paddingOf(peer, 20_000).every(({ at }) => at <= 30_000)).toBe(true)
    stream.write(new Uint8Array(9))
    peer.read()
    expect(paddingOf(peer, 20_000).length).toBeGreaterThan(10)
  })

  it.each([
    ['is off unless this side asks for it', { ...NO_IDLE }],
    [
      'is left out when the peer does not tolerate it',
      { ...PADDED, features: ALL_FEATURES & ~FEATURE.IDLE_PADDING },
    ],
  ] as const)('%s', (_what, options) => {
    expect(paddingOf(new RawPeer(options), 60_000)).toEqual([])
  })

  it('waits for data, and is dropped when data goes out first', () => {
    const peer = new RawPeer({ ...PADDED, seed: 3 })
    const stream = watch(peer.session.openStream()).stream
    peer.read()
    peer.elapse(1_200)
    stream.write(new Uint8Array(5_000))
    const kinds = peer.read().map(({ kind }) => kind)
    expect(kinds).toContain('stream')
    expect(kinds).not.toContain('control')
  })

  it('never waits in front of a link that takes nothing', () => {
    const peer = new RawPeer({ ...PADDED, seed: 3 })
    peer.session.linkAccepted(0, 40_000)
    peer.elapse(5_000)
    peer.session.linkAccepted(0, 40_000)
    expect(peer.read().filter(({ kind }) => kind === 'control')).toEqual([])
    peer.session.linkAccepted(40_000, 0)
    expect(paddingOf(peer, 5_000).length).toBeGreaterThan(2)
  })

  it('piles up to one record while nobody pulls', () => {
    const peer = new RawPeer({ ...PADDED, seed: 3 })
    peer.elapse(8_000)
    expect(peer.read().filter(({ kind }) => kind === 'control').length).toBe(1)
  })

  it('keeps no session alive on either side', () => {
    const parameters = { idleTimeoutMs: 60_000 }
    const pad = { parameters, limits: { pad: true } }
    const { client, server, elapse } = makePair({ client: pad, server: pad })
    elapse(59_999)
    expect([client.session.isOpen, server.session.isOpen]).toEqual([true, true])
    elapse(1)
    const ends = [client, server].map(({ session }) => session.end?.code)
    expect(ends).toEqual([CODE.IDLE_TIMEOUT, CODE.IDLE_TIMEOUT])
  })

  it('stays within what a peer takes of control frames, however many sides pad', () => {
    const pad = { parameters: { idleTimeoutMs: 0 }, limits: { pad: true } }
    const { client, server, elapse } = makePair({ client: pad, server: pad })
    const random = new SeededRandom(9)
    const log = watch(client.session.openStream())
    for (let i = 0; i < 200; i++) {
      log.stream.write(new Uint8Array(1))
      elapse(random.below(4_000))
    }
    expect([client.session.isOpen, server.session.isOpen]).toEqual([true, true])
    expect(server.session.statistics.framesReceivedByKind.control).toBeGreaterThan(200)
  })

  it('costs about 2 KB a second while it lasts, and nothing afterwards', () => {
    const lasting = Array.from({ length: 40 }, (_, i) => new RawPeer({ ...PADDED, seed: 100 + i }))
    const bytes = lasting.map((peer) =>
      paddingOf(peer, 30_000).reduce((sum, { length }) => sum + length + 22, 0),
    )
    const mean = bytes.reduce((a, b) => a + b, 0) / bytes.length
    // 30 s, a record of 1,536 + 22 bytes every 700 ms on average.
    expect(mean).toBeGreaterThan(0.9 * (30_000 / 700) * 1_558)
    expect(mean).toBeLessThan(1.1 * (30_000 / 700) * 1_558)
    expect(lasting.flatMap((peer) => paddingOf(peer, 300_000))).toEqual([])
  })
})
