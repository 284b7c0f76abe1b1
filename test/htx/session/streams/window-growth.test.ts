import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import { FRAME } from '../../../../src/lib/htx/frames/index.ts'
import type { SessionLimits } from '../../../../src/lib/htx/session/index.ts'
import { watch } from '../../../support/session-events.ts'
import { makePair, makeSide } from '../../../support/session-pair.ts'
import { describeFrame, RawPeer, type RawPeerOptions } from '../../../support/session-peer.ts'

const read = (peer: RawPeer): string[] => peer.read().map(describeFrame)
const NO_GROWTH = 0x07

describe('growth of windows (section 6.2)', () => {
  const LIMITS: Partial<SessionLimits> = { streamWindowMost: 8_000, sessionWindowMost: 11_000 }
  const growing = (options: RawPeerOptions = {}): RawPeer => {
    const peer = new RawPeer({
      parameters: { streamWindow: 1_000, sessionWindow: 10_000 },
      limits: LIMITS,
      ...options,
    })
    peer.stream(1, { open: 16 }, new Uint8Array(500))
    return peer
  }
  const updates = (peer: RawPeer, id: number): number[] =>
    read(peer).flatMap((line) => {
      const [, to, credit] = /^window-update (\d+) \+(\d+)$/.exec(line) ?? []
      return Number(to) === id && to !== undefined ? [Number(credit)] : []
    })
  /** One PING of ours that is answered after `ms`. */
  const measure = (peer: RawPeer, ms: number): void => {
    peer.session.ping()
    const asked = peer.read().findLast((frame) => frame.kind === 'ping')
    peer.clock.advance(ms)
    if (asked?.kind === 'ping') peer.send(FRAME.PING, undefined, Uint8Array.of(1), asked.token)
  }

  it('doubles a window that was used up within four round trips, 100 ms each before the first sample', () => {
    const early = growing()
    expect(updates(early, 1)).toEqual([1_500])
    const late = new RawPeer({ parameters: { streamWindow: 1_000, sessionWindow: 10_000 }, limits: LIMITS })
    late.stream(1, { open: 16 }, new Uint8Array(400))
    late.clock.advance(399)
    late.stream(1, {}, new Uint8Array(100))
    expect(updates(late, 1)).toEqual([1_500])
    const tooLate = new RawPeer({
      parameters: { streamWindow: 1_000, sessionWindow: 10_000 },
      limits: LIMITS,
    })
    tooLate.stream(1, { open: 16 }, new Uint8Array(400))
    tooLate.clock.advance(400)
    tooLate.stream(1, {}, new Uint8Array(100))
    expect(updates(tooLate, 1)).toEqual([500])
  })

  it('measures with the round trip, never below 1 ms', () => {
    for (const [rtt, within] of [
      [20, 79],
      [0, 3],
    ] as const) {
      for (const [delay, credit] of [
        [within, 1_500],
        [within + 1, 500],
      ] as const) {
        const peer = new RawPeer({
          parameters: { streamWindow: 1_000, sessionWindow: 10_000 },
          limits: LIMITS,
        })
        measure(peer, rtt)
        peer.stream(1, { open: 16 }, new Uint8Array(400))
        peer.clock.advance(delay)
        peer.stream(1, {}, new Uint8Array(100))
        expect(updates(peer, 1)).toEqual([credit])
      }
    }
  })

  it('goes on until Wmax and never shrinks', () => {
    const peer = growing()
    const credits = updates(peer, 1)
    let window = 2_000
    for (let i = 0; i < 6; i++) {
      peer.stream(1, {}, new Uint8Array(window / 2))
      credits.push(...updates(peer, 1))
      window = Math.min(8_000, window * 2)
    }
    peer.clock.advance(3_600_000)
    peer.stream(1, {}, new Uint8Array(4_000))
    credits.push(...updates(peer, 1))
    expect(credits).toEqual([1_500, 3_000, 6_000, 4_000, 4_000, 4_000, 4_000, 4_000])
  })

  it('stops at Wmax also when doubling would pass it', () => {
    const peer = growing({ limits: { ...LIMITS, streamWindowMost: 1_700 } })
    expect(updates(peer, 1)).toEqual([1_200])
    peer.stream(1, {}, new Uint8Array(850))
    expect(updates(peer, 1)).toEqual([850])
  })

  it('is asked about the round trip under the new load', () => {
    expect(read(growing())).toEqual([
      expect.stringMatching(/^window-update 1/),
      expect.stringMatching(/^ping request/),
    ])
  })

  it('takes the session window with it, to 1.5 times the stream window and at most Smax, and says so at once', () => {
    const peer = growing({ parameters: { streamWindow: 1_000, sessionWindow: 1_000 } })
    expect(read(peer).filter((line) => line.startsWith('window'))).toEqual([
      'window-update 1 +1500',
      'window-update 0 +2500',
    ])
    peer.stream(1, {}, new Uint8Array(1_000))
    expect(updates(peer, 0)).toEqual([4_000])
    peer.stream(1, {}, new Uint8Array(2_000))
    expect(updates(peer, 0)).toEqual([7_000])
    // S is 11,000 now, the most, although 1.5 times 8,000 would be more.
    peer.stream(1, {}, new Uint8Array(4_000))
    peer.stream(1, {}, new Uint8Array(1_499))
    expect(updates(peer, 0)).toEqual([])
    peer.stream(1, {}, new Uint8Array(1))
    expect(updates(peer, 0)).toEqual([5_500])
  })

  it('stops without feature bit 3', () => {
    expect(updates(growing({ features: NO_GROWTH }), 1)).toEqual([500])
  })

  it('stops while the process holds too much', () => {
    let mayGrow = false
    const peer = growing({ mayGrow: () => mayGrow })
    expect(updates(peer, 1)).toEqual([500])
    mayGrow = true
    peer.stream(1, {}, new Uint8Array(500))
    expect(updates(peer, 1)).toEqual([1_500])
  })

  it('stops while the smoothed round trip is more than twice its minimum, and goes on when it is not', () => {
    const peer = new RawPeer({ parameters: { streamWindow: 1_000, sessionWindow: 10_000 }, limits: LIMITS })
    measure(peer, 10)
    for (let i = 0; i < 3; i++) measure(peer, 100)
    // 10 + (100 - 10) / 8 three times is 39.7: above 20.
    expect(peer.session.roundTripMs).toBeCloseTo(39.7, 1)
    peer.stream(1, { open: 16 }, new Uint8Array(500))
    expect(updates(peer, 1)).toEqual([500])
    for (let i = 0; i < 9; i++) measure(peer, 10)
    expect(peer.session.roundTripMs).toBeLessThan(20)
    peer.stream(1, {}, new Uint8Array(400))
    read(peer)
    peer.stream(1, {}, new Uint8Array(100))
    // The window was last updated 90 ms ago; four round trips are 76 ms or less.
    expect(updates(peer, 1)).toEqual([500])
    peer.stream(1, {}, new Uint8Array(500))
    expect(updates(peer, 1)).toEqual([1_500])
  })

  it('stops as soon as it is more than twice, and not before', () => {
    for (const [slow, smoothed, credit] of [
      [130, 25, 500],
      [90, 20, 1_500],
    ] as const) {
      const peer = new RawPeer({ parameters: { streamWindow: 1_000, sessionWindow: 10_000 }, limits: LIMITS })
      measure(peer, 10)
      measure(peer, slow)
      expect(peer.session.roundTripMs).toBe(smoothed)
      peer.stream(1, { open: 16 }, new Uint8Array(500))
      expect(updates(peer, 1)).toEqual([credit])
    }
  })

  it('never leaves a writer waiting: everything arrives while all windows grow', () => {
    for (const sessionWindow of [1_000, 1_500, 262_144]) {
      const { client, server, pump } = makePair({
        server: { parameters: { streamWindow: 1_000, sessionWindow } },
        client: { parameters: { streamWindow: 1_000, sessionWindow } },
      })
      const logs = Array.from({ length: 8 }, () => watch(client.session.openStream()))
      for (const { stream } of logs) {
        stream.write(new Uint8Array(300_000))
        stream.finish()
      }
      pump()
      expect(server.log.logs.map(({ bytes, finishedTimes }) => [bytes, finishedTimes])).toEqual(
        logs.map(() => [300_000, 1]),
      )
    }
  })
})

describe('windows that no WINDOW_UPDATE could ever grant', () => {
  it('are refused when the session is made', () => {
    const wrong = expect.objectContaining({ code: 'E_USAGE' })
    for (const parameters of [{ streamWindow: 2 ** 31 }, { sessionWindow: 2 ** 31 }])
      expect(() => makeSide('client', new ManualClock(), 1, { parameters }, {}, 0)).toThrow(wrong)
    for (const limits of [
      { streamWindowMost: 2 ** 31 },
      { sessionWindowMost: 2 ** 31 },
      { streamWindowMost: 1.5 },
    ])
      expect(() => makeSide('client', new ManualClock(), 1, { limits }, {}, 0)).toThrow(wrong)
  })
})
