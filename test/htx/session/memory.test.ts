import { describe, expect, it } from 'vitest'
import { concat } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import { watch } from '../../support/session-events.ts'
import { heldBytes } from '../../support/session-heap.ts'
import { describeFrame, RawPeer } from '../../support/session-peer.ts'
import { NO_IDLE } from '../../support/session-pings.ts'

const CALM = expect.objectContaining({ cause: 'closed', code: CODE.ENHANCE_CALM, byPeer: false })

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
