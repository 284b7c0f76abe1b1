import { describe, expect, it } from 'vitest'
import { type RandomSource, toHex } from '../../../../src/lib/core/index.ts'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import { FRAME } from '../../../../src/lib/htx/frames/index.ts'
import { makePair } from '../../../support/session-pair.ts'
import { describeFrame, RawPeer } from '../../../support/session-peer.ts'
import { answerPings, NO_IDLE } from '../../../support/session-pings.ts'

const read = (peer: RawPeer): string[] => peer.read().map(describeFrame)
const ended = (peer: RawPeer): (number | undefined)[] => peer.log.ends.map(({ code }) => code)

/** Times between the PINGs of an idle session, milliseconds. */
function pingGaps(count: number, seed: number): number[] {
  const peer = new RawPeer({ ...NO_IDLE, seed })
  const gaps: number[] = []
  let last = 0
  while (gaps.length < count) {
    peer.clock.advance(peer.session.nextDeadline() - peer.clock.now())
    peer.session.tick()
    if (answerPings(peer) === 0) continue
    gaps.push(peer.clock.now() - last)
    last = peer.clock.now()
  }
  return gaps
}

describe('PING', () => {
  it('goes out right after the handshake on both sides, and measures the round trip', () => {
    const { client, server, clock } = makePair()
    const [fromClient, fromServer] = [client.pull(), server.pull()]
    clock.advance(40)
    server.session.receive(fromClient)
    client.session.receive(fromServer)
    const [clientAnswer, serverAnswer] = [client.pull(), server.pull()]
    clock.advance(2)
    client.session.receive(serverAnswer)
    server.session.receive(clientAnswer)
    expect([client.session.roundTripMs, server.session.roundTripMs]).toEqual([42, 42])
    expect([client.session.statistics.framesSent, server.session.statistics.framesSent]).toEqual([2, 2])
  })

  it('tells whoever asked, in milliseconds', () => {
    const { client, server, clock, send } = makePair()
    const heard: number[] = []
    client.session.ping((ms) => heard.push(ms))
    send('client')
    clock.advance(7)
    send('server')
    expect(heard).toEqual([7])
    expect(server.session.isOpen).toBe(true)
  })

  it('is answered at once with its token', () => {
    const peer = new RawPeer()
    peer.send(FRAME.PING, undefined, Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7, 8), new Uint8Array(1023))
    expect(read(peer)).toEqual(['ping reply 0102030405060708'])
  })

  it('is answered eight times at most while the link takes nothing; the oldest answers go', () => {
    const peer = new RawPeer()
    for (let i = 1; i <= 20; i++) peer.send(FRAME.PING, undefined, new Uint8Array(8), Uint8Array.of(i))
    expect(read(peer)).toEqual(
      [13, 14, 15, 16, 17, 18, 19, 20].map(
        (i) => `ping reply 00000000000000${i.toString(16).padStart(2, '0')}`,
      ),
    )
  })

  it('ignores replies that nobody asked for, and a second reply', () => {
    const peer = new RawPeer()
    const heard: number[] = []
    peer.session.ping((ms) => heard.push(ms))
    const [asked] = peer.read()
    const token = asked?.kind === 'ping' ? asked.token : new Uint8Array(8)
    peer.send(FRAME.PING, undefined, Uint8Array.of(1), new Uint8Array(8))
    peer.clock.advance(5)
    peer.send(FRAME.PING, undefined, Uint8Array.of(1), token)
    peer.send(FRAME.PING, undefined, Uint8Array.of(1), token)
    expect([heard, peer.session.isOpen, peer.session.roundTripMs]).toEqual([[5], true, 5])
  })

  // A peer queues eight answers and drops the rest: the session then died of a reply that could not come.
  it('asked a hundred times at once goes out eight at a time, and every caller hears its answer', () => {
    const { client, pump, clock, elapse } = makePair()
    pump()
    const heard: number[] = []
    for (let i = 0; i < 100; i++) client.session.ping((ms) => heard.push(ms))
    expect(client.session.statistics.framesSent).toBeLessThanOrEqual(2)
    pump()
    expect(heard.length).toBe(100)
    elapse(20_000)
    expect([client.session.isOpen, clock.now()]).toEqual([true, 20_000])
  })

  it('smooths the round trip with a gain of one eighth', () => {
    const peer = new RawPeer()
    for (const [ms, smoothed] of [
      [80, 80],
      [160, 90],
      [10, 80],
    ] as const) {
      peer.session.ping()
      const asked = peer.read().at(-1)
      peer.clock.advance(ms)
      if (asked?.kind === 'ping') peer.send(FRAME.PING, undefined, Uint8Array.of(1), asked.token)
      expect(peer.session.roundTripMs).toBe(smoothed)
    }
  })
})

describe('keep-alive', () => {
  it('sends PINGs at intervals of 10 to 60 s, give or take a tenth', () => {
    const gaps = pingGaps(4_000, 11)
    expect(Math.min(...gaps)).toBeGreaterThanOrEqual(9_000)
    expect(Math.max(...gaps)).toBeLessThanOrEqual(66_000)
    expect(Math.min(...gaps)).toBeLessThan(11_000)
    expect(Math.max(...gaps)).toBeGreaterThan(60_000)
  })

  it('draws them from uniform(10, 60) times uniform(0.9, 1.1), each anew', () => {
    const gaps = pingGaps(4_000, 12)
    // The distribution of the product, integrated over the jitter: P(X * Y <= x) = E[F_X(x / Y)].
    const steps = 2_000
    const cumulative = (x: number): number => {
      let sum = 0
      for (let i = 0; i < steps; i++) {
        const jitter = 0.9 + (0.2 * (i + 0.5)) / steps
        sum += Math.min(1, Math.max(0, (x / jitter - 10_000) / 50_000))
      }
      return sum / steps
    }
    const sorted = gaps.toSorted((a, b) => a - b)
    const distance = Math.max(
      ...sorted.map((gap, i) => Math.abs(cumulative(gap) - (i + 0.5) / sorted.length)),
    )
    // Kolmogorov-Smirnov, p = 0.001.
    expect(distance).toBeLessThan(1.95 / Math.sqrt(sorted.length))
    // Independent draws: correlation of neighbours within four standard errors of zero.
    const mean = gaps.reduce((a, b) => a + b, 0) / gaps.length
    const variance = gaps.reduce((a, b) => a + (b - mean) ** 2, 0)
    const covariance = gaps
      .slice(1)
      .reduce((sum, gap, i) => sum + (gap - mean) * ((gaps[i] as number) - mean), 0)
    expect(Math.abs(covariance / variance)).toBeLessThan(4 / Math.sqrt(gaps.length))
  })

  it('is told apart from a fixed period by that very test', () => {
    const fixed = Array.from({ length: 4_000 }, () => 30_000)
    const below = fixed.filter((gap) => gap < 34_000).length / fixed.length
    // Half of honest intervals are below about 35 s; all of these are.
    expect(Math.abs(below - 0.5)).toBeGreaterThan(1.95 / Math.sqrt(4_000))
  })

  it('differs between sessions', () => {
    expect(pingGaps(20, 1)).not.toEqual(pingGaps(20, 2))
  })

  it('ends the session when no reply has come within 15 s', () => {
    const peer = new RawPeer(NO_IDLE)
    peer.session.ping()
    read(peer)
    peer.elapse(14_999)
    expect(peer.session.isOpen).toBe(true)
    peer.elapse(1)
    expect([ended(peer), read(peer)]).toEqual([[CODE.KEEPALIVE_TIMEOUT], ['close 8004']])
    peer.elapse(2_000)
    expect(peer.log.linkDoneTimes).toBe(1)
  })

  it('counts the 15 s from when the PING was handed to the link', () => {
    const peer = new RawPeer(NO_IDLE)
    peer.session.ping()
    peer.clock.advance(9_000)
    peer.session.tick()
    read(peer)
    peer.clock.advance(14_000)
    peer.session.tick()
    expect(peer.session.isOpen).toBe(true)
    peer.clock.advance(1_000)
    peer.session.tick()
    expect(ended(peer)).toEqual([CODE.KEEPALIVE_TIMEOUT])
  })

  it('notices a link that takes nothing any more', () => {
    const peer = new RawPeer(NO_IDLE)
    peer.elapse(66_000 + 15_000)
    expect(ended(peer)).toEqual([CODE.KEEPALIVE_TIMEOUT])
  })

  it('keeps an idle pair alive for a day, and lets nothing pile up', () => {
    const { client, server, elapse } = makePair({
      client: { parameters: { idleTimeoutMs: 0 } },
      server: { parameters: { idleTimeoutMs: 0 } },
    })
    elapse(86_400_000)
    expect([client.session.isOpen, server.session.isOpen]).toEqual([true, true])
    // 86,400 s at 35 s on average, sent and answered by both.
    expect(client.session.statistics.framesSent).toBeGreaterThan(4_400)
    expect(client.session.statistics.framesSent).toBeLessThan(5_500)
    expect(client.session.statistics.rekeysSent).toBeGreaterThanOrEqual(23)
  })

  it('draws its tokens from the random source: nobody can answer what they have not seen', () => {
    const drawn: string[] = []
    const random: RandomSource = {
      bytes: (length) => {
        const bytes = new Uint8Array(length).fill(drawn.length + 1)
        drawn.push(toHex(bytes))
        return bytes
      },
    }
    const peer = new RawPeer({ random })
    peer.session.ping()
    expect(read(peer)).toEqual([`ping request ${drawn.at(-1)}`])
  })
})
