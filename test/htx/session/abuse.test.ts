import { describe, expect, it } from 'vitest'
import { concat, u32 } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import { buildClose, FRAME } from '../../../src/lib/htx/frames/index.ts'
import { watch } from '../../support/session-events.ts'
import { heldBytes } from '../../support/session-heap.ts'
import { describeFrame, RawPeer, type RawPeerOptions } from '../../support/session-peer.ts'

const CALM = expect.objectContaining({ cause: 'closed', code: CODE.ENHANCE_CALM, byPeer: false })
const NO_IDLE: RawPeerOptions = {
  parameters: { idleTimeoutMs: 0 },
  peer: { parameters: { idleTimeoutMs: 0 } },
}

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

describe('a peer that does not read', () => {
  const deaf = (streams: number): RawPeer =>
    new RawPeer({
      ...NO_IDLE,
      parameters: { idleTimeoutMs: 0, maxStreams: streams },
      peer: { parameters: { maxStreams: streams } },
    })

  it('makes us queue no more than 1,024 control frames', () => {
    const peer = deaf(3_000)
    const logs = Array.from({ length: 1_025 }, () => watch(peer.session.openStream()))
    peer.read()
    for (const { stream } of logs.slice(0, 1_024)) peer.stream(stream.id, { stop: CODE.CANCELLED })
    expect(peer.session.isOpen).toBe(true)
    peer.stream(logs[1_024]?.stream.id as number, { stop: CODE.CANCELLED })
    expect(peer.log.ends).toEqual([CALM])
    expect(peer.read().map(describeFrame)).toEqual(['close 8002'])
  })

  it('makes us queue no more than 64 KiB of control frames', () => {
    const peer = deaf(10)
    watch(peer.session.openStream())
    peer.read()
    const reason = 'x'.repeat(504)
    let sent = 0
    // Each DRAIN carries 512 bytes; only the application can make control frames that large.
    for (let last = 1_000; peer.session.isOpen && last > 0; last--, sent++) peer.session.drain(reason, last)
    expect(peer.log.ends).toEqual([CALM])
    expect(sent).toBeGreaterThan(120)
    expect(sent).toBeLessThanOrEqual(130)
  })

  it('piles up no credit: each stream owes at most one update', () => {
    const peer = new RawPeer({
      ...NO_IDLE,
      features: 7,
      parameters: { idleTimeoutMs: 0, streamWindow: 1_000 },
    })
    peer.stream(1, { open: 16 })
    for (let i = 0; i < 200; i++) {
      peer.stream(1, {}, new Uint8Array(500))
      peer.stream(1, {}, new Uint8Array(500))
      expect(peer.read().filter((frame) => frame.kind === 'window-update').length).toBe(1)
    }
    for (let id = 3; id < 203; id += 2) peer.stream(id, { open: 16 }, new Uint8Array(1_000))
    expect(peer.read().filter((frame) => frame.kind === 'window-update').length).toBe(100)
  })

  it('holds back writers at 256 KiB a stream and 4 MiB in all, and wakes them when it reads', () => {
    const peer = deaf(100)
    const logs = Array.from({ length: 40 }, () => watch(peer.session.openStream()))
    for (const { stream } of logs) {
      let written = 0
      while (stream.write(new Uint8Array(16_384))) written += 16_384
      expect(written).toBeLessThan(262_144)
    }
    expect(peer.session.bufferedBytes).toBeLessThanOrEqual(4 * 1_048_576 + 40 * 16_384)
    expect(logs.map(({ writableTimes }) => writableTimes)).toEqual(logs.map(() => 0))
    peer.side.pull()
    peer.credit(0, 2 ** 30)
    peer.side.pull()
    expect(peer.session.bufferedBytes).toBe(0)
    expect(logs.map(({ writableTimes }) => writableTimes)).toEqual(logs.map(() => 1))
  })

  it('is given up when it answers no PING', () => {
    const peer = new RawPeer(NO_IDLE)
    watch(peer.session.openStream()).stream.write(new Uint8Array(100_000))
    peer.elapse(66_000 + 15_000)
    expect(peer.log.ends).toEqual([expect.objectContaining({ code: CODE.KEEPALIVE_TIMEOUT })])
    peer.elapse(2_000)
    expect(peer.log.linkDoneTimes).toBe(1)
  })
})

describe('what a peer can make us hold', () => {
  it('is its windows, not many times that, when every frame carries one byte for a stream nobody reads', () => {
    const peer = new RawPeer({ ...NO_IDLE })
    peer.log.onStream = () => undefined
    const wire: Uint8Array[] = [peer.sealStream(1, { open: 16 })]
    for (let i = 0; i < 100_000; i++) wire.push(peer.sealStream(1, {}, Uint8Array.of(i)))
    const before = heldBytes()
    for (let at = 0; at < wire.length; at += 1_000)
      peer.session.receive(concat(...wire.slice(at, at + 1_000)))
    expect(peer.session.bufferedBytes).toBe(100_000)
    expect(heldBytes() - before).toBeLessThan(8 * 1_048_576)
    const log = watch(peer.log.accepted[0] as NonNullable<(typeof peer.log.accepted)[0]>)
    expect(log.received).toEqual(Uint8Array.from({ length: 100_000 }, (_, i) => i))
  })

  it('is one frame when it sends the beginning of the largest and no more', () => {
    const peer = new RawPeer({ parameters: { maxFrame: 1_048_576 } })
    const frame = peer.sealStream(1, { open: 16 }, new Uint8Array(1_000_000))
    const before = heldBytes()
    for (let at = 0; at < 500_000; at++) peer.session.receive(frame.slice(at, at + 1))
    expect(heldBytes() - before).toBeLessThan(8 * 1_048_576)
    peer.session.receive(frame.slice(500_000))
    expect(peer.log.ends).toEqual([expect.objectContaining({ code: CODE.FLOW_CONTROL_VIOLATION })])
  })

  it('is nothing after 100,000 streams were opened and closed', () => {
    const peer = new RawPeer({
      ...NO_IDLE,
      peer: { parameters: { idleTimeoutMs: 0, sessionWindow: undefined } },
    })
    peer.log.onStream = (stream) => {
      const log = watch(stream)
      log.stream.finish()
    }
    const round = (first: number, count: number): void => {
      for (let id = first; id < first + 2 * count; id += 2) {
        peer.session.receive(peer.sealStream(id, { open: 16, fin: true }, new Uint8Array(100)))
        peer.side.pull()
      }
      peer.log.accepted.length = 0
    }
    round(1, 10_000)
    const before = heldBytes()
    round(20_001, 100_000)
    expect([peer.session.isOpen, peer.session.streamCount, peer.session.bufferedBytes]).toEqual([true, 0, 0])
    // A stream that stayed behind would cost half a kibibyte or more.
    expect(heldBytes() - before).toBeLessThan(16 * 1_048_576)
  })

  it('is nothing after 30,000 streams of our own', () => {
    const peer = new RawPeer({ ...NO_IDLE })
    const round = (first: number, count: number): void => {
      for (let id = first; id < first + 2 * count; id += 2) {
        const log = watch(peer.session.openStream())
        log.stream.finish()
        peer.side.pull()
        peer.stream(id, { fin: true })
        expect(log.closes.length).toBe(1)
      }
    }
    round(2, 5_000)
    const before = heldBytes()
    round(10_002, 30_000)
    expect([peer.session.isOpen, peer.session.streamCount]).toEqual([true, 0])
    // A stream that stayed behind would cost half a kibibyte or more.
    expect(heldBytes() - before).toBeLessThan(10 * 1_048_576)
  })
})
