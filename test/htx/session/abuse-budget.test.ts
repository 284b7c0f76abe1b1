import { describe, expect, it } from 'vitest'
import { u32 } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import { buildClose, FRAME } from '../../../src/lib/htx/frames/index.ts'
import { RawPeer } from '../../support/session-peer.ts'
import { NO_IDLE } from '../../support/session-pings.ts'

const CALM = expect.objectContaining({ cause: 'closed', code: CODE.ENHANCE_CALM, byPeer: false })

/** Repeats until the session is over; what the session answers is taken but not read. @returns times it was done */
function until(peer: RawPeer, act: (time: number) => void, most = 50_000): number {
  for (let time = 0; time < most; time++) {
    if (!peer.session.isOpen) return time
    act(time)
    peer.side.pull()
  }
  return most
}

const FLOODS = {
  PING: (peer: RawPeer) => peer.send(FRAME.PING, undefined, new Uint8Array(9)),
  'unsolicited PING reply': (peer: RawPeer) =>
    peer.send(FRAME.PING, undefined, Uint8Array.of(1), new Uint8Array(8)),
  'WINDOW_UPDATE of the session': (peer: RawPeer) => peer.credit(0, 1),
  'WINDOW_UPDATE of a stream': (peer: RawPeer) => peer.credit(1, 1),
  'empty STREAM': (peer: RawPeer) => peer.stream(1, {}),
  'empty STREAM on a closed stream': (peer: RawPeer) => peer.stream(1, {}),
  PADDING: (peer: RawPeer) => peer.send(FRAME.STREAM, 0, new Uint8Array(3_000)),
  MAX_STREAMS: (peer: RawPeer) => peer.send(FRAME.STREAM, 0, Uint8Array.of(1), u32(9)),
  PRIORITY: (peer: RawPeer) => peer.send(FRAME.STREAM, 0, Uint8Array.of(3, 1, 9)),
  'unknown record': (peer: RawPeer) => peer.send(FRAME.STREAM, 0, Uint8Array.of(77)),
  'unknown frame': (peer: RawPeer) => peer.send(99, undefined, new Uint8Array(2)),
  DRAIN: (peer: RawPeer) => peer.send(FRAME.CLOSE, undefined, buildClose(CODE.DRAIN, '', 2 ** 40)),
} as const

describe('control frames (section 14)', () => {
  it.each(Object.entries(FLOODS))('%s: 2,000 at once are taken, more end the session', (name, flood) => {
    const peer = new RawPeer()
    if (name.endsWith('closed stream')) peer.stream(3, { open: 16 })
    else peer.stream(1, { open: 16 })
    expect(until(peer, () => flood(peer))).toBe(2_001)
    expect(peer.log.ends).toEqual([CALM])
  })

  it('may come a thousand a second for as long as one likes', () => {
    const peer = new RawPeer(NO_IDLE)
    peer.stream(1, { open: 16 })
    for (let ms = 0; ms < 20_000; ms++) {
      peer.clock.advance(1)
      peer.credit(1, 1)
    }
    expect(peer.session.isOpen).toBe(true)
    for (let ms = 0; ms < 5_000 && peer.session.isOpen; ms++) {
      peer.clock.advance(1)
      peer.credit(1, 1)
      peer.credit(0, 1)
    }
    expect(peer.log.ends).toEqual([CALM])
  })

  it('are earned by data, one for each 16 KiB in either direction', () => {
    const peer = new RawPeer({
      features: 7,
      peer: { parameters: { streamWindow: 2 ** 40, sessionWindow: undefined } },
    })
    peer.stream(1, { open: 16 })
    for (let i = 0; i < 2_000; i++) peer.credit(1, 1)
    for (let i = 0; i < 4; i++) peer.stream(1, {}, new Uint8Array(16_384))
    const [log] = peer.log.logs
    log?.stream.write(new Uint8Array(4 * 16_384))
    peer.side.pull()
    for (let i = 0; i < 8; i++) peer.credit(1, 1)
    expect(peer.session.isOpen).toBe(true)
    peer.credit(1, 1)
    expect(peer.log.ends).toEqual([CALM])
  })
})

describe('key updates', () => {
  it('are taken 32 at once and four a second, more end the session', () => {
    const peer = new RawPeer(NO_IDLE)
    for (let i = 0; i < 32; i++) peer.session.receive(peer.sealKeyUpdate())
    for (let i = 0; i < 100; i++) {
      peer.clock.advance(250)
      peer.session.receive(peer.sealKeyUpdate())
    }
    expect(peer.session.isOpen).toBe(true)
    peer.clock.advance(249)
    peer.session.receive(peer.sealKeyUpdate())
    expect(peer.log.ends).toEqual([CALM])
    expect(peer.session.statistics.rekeysReceived).toBe(132)
  })
})

describe('streams that only cost', () => {
  it.each([
    [
      'reset in a frame of their own',
      (peer: RawPeer, id: number) => {
        peer.stream(id, { open: 16 })
        peer.stream(id, { reset: CODE.CANCELLED, stop: CODE.CANCELLED })
      },
    ],
    // Opening and resetting in one frame was free.
    [
      'reset in the frame that opens them',
      (peer: RawPeer, id: number) =>
        peer.stream(id, { open: 16, reset: CODE.CANCELLED, stop: CODE.CANCELLED }),
    ],
    [
      'stopped at once',
      (peer: RawPeer, id: number) => {
        peer.stream(id, { open: 16, fin: true })
        peer.stream(id, { stop: CODE.CANCELLED })
      },
    ],
    [
      'stopped in the frame that opens them',
      (peer: RawPeer, id: number) => peer.stream(id, { open: 16, fin: true, stop: CODE.CANCELLED }),
    ],
  ] as const)('are taken a hundred at once, ten a second: %s', (_what, open) => {
    const peer = new RawPeer(NO_IDLE)
    let id = -1
    const flood = (): void => {
      id += 2
      open(peer, id)
    }
    for (let i = 0; i < 100; i++) flood()
    for (let i = 0; i < 50; i++) {
      peer.clock.advance(100)
      flood()
    }
    expect(peer.session.isOpen).toBe(true)
    flood()
    expect(peer.log.ends).toEqual([CALM])
    expect(peer.session.streamCount).toBe(0)
  })

  it('are not those that are reset after a second, or by us', () => {
    const peer = new RawPeer(NO_IDLE)
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 200; i++) peer.stream(1 + 2 * (round * 200 + i), { open: 16 })
      peer.clock.advance(1_000)
      for (let i = 0; i < 200; i++) {
        const id = 1 + 2 * (round * 200 + i)
        if (round % 2 === 0) peer.stream(id, { reset: 1, stop: 1 })
        else peer.log.logs[round * 200 + i]?.stream.abort(CODE.DENIED)
        if (round % 2 === 1) peer.stream(id, { reset: CODE.DENIED })
      }
      peer.side.pull()
    }
    expect([peer.session.isOpen, peer.session.streamCount]).toEqual([true, 0])
  })

  it('are not those that we stopped ourselves, unless the peer does more than answer', () => {
    for (const [flags, isFree] of [
      [{ reset: CODE.CANCELLED }, true],
      [{ reset: CODE.CANCELLED, stop: CODE.CANCELLED }, false],
    ] as const) {
      const peer = new RawPeer(NO_IDLE)
      for (let i = 0; i < 101; i++) {
        peer.stream(1 + 2 * i, { open: 16 })
        peer.log.logs[i]?.stream.stop(CODE.CANCELLED)
        peer.side.pull()
        peer.stream(1 + 2 * i, flags)
      }
      expect(peer.session.isOpen).toBe(isFree)
    }
  })

  it('are refused at the limit: a hundred at once, ten a second, more end the session', () => {
    const peer = new RawPeer({ ...NO_IDLE, parameters: { idleTimeoutMs: 0, maxStreams: 10 } })
    let id = -1
    const open = (): void => {
      id += 2
      peer.stream(id, { open: 16 })
    }
    for (let i = 0; i < 110; i++) open()
    peer.clock.advance(1_000)
    for (let i = 0; i < 10; i++) open()
    expect([peer.session.isOpen, peer.log.accepted.length]).toEqual([true, 10])
    open()
    expect(peer.log.ends).toEqual([CALM])
  })
})
