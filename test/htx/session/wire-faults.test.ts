import { describe, expect, it } from 'vitest'
import { concat, SeededRandom, utf8 } from '../../../src/lib/core/index.ts'
import { CODE, type SessionEnd } from '../../../src/lib/htx/codes.ts'
import { FRAME } from '../../../src/lib/htx/frames/index.ts'
import { describeFrame, RawPeer } from '../../support/session-peer.ts'

const TEXT = 'every delivered byte is the sent byte'

/** A short life of a client: streams, credit, a PING, padding, a key update, more data, CLOSE. */
function recording(peer: RawPeer): readonly Uint8Array[] {
  return [
    peer.sealStream(1, { open: 16 }, utf8(TEXT)),
    peer.sealStream(3, { open: 16, fin: true }, utf8('short')),
    peer.seal(FRAME.PING, undefined, new Uint8Array(9)),
    peer.seal(FRAME.STREAM, 0, new Uint8Array(30)),
    peer.sealKeyUpdate(),
    peer.sealStream(1, {}, utf8(TEXT)),
    peer.sealStream(16_387, { open: 16 }, utf8(TEXT)),
    peer.sealStream(1, { fin: true }, utf8(TEXT)),
    peer.seal(FRAME.CLOSE, undefined, new Uint8Array(4)),
  ]
}

/** What a stream delivers when nothing goes wrong. */
const WHOLE = new Map([
  [1, TEXT.repeat(3)],
  [3, 'short'],
  [16_387, TEXT],
])

/** Nothing delivered is anything but a beginning of what was sent, and only a whole stream looks whole. */
function checkDelivered(peer: RawPeer): void {
  for (const { stream, text, finishedTimes, closes } of peer.log.logs) {
    const whole = WHOLE.get(Number(stream.id)) as string
    expect(whole.startsWith(text)).toBe(true)
    if (finishedTimes > 0) expect(text).toBe(whole)
    expect(closes.length).toBe(peer.log.ends.length)
  }
}

const delivered = (peer: RawPeer): number => peer.log.logs.reduce((sum, { bytes }) => sum + bytes, 0)

describe('a recording', () => {
  it('that is cut at any byte ends in LINK_LOST and delivers whole frames only', () => {
    const length = concat(...recording(new RawPeer())).length
    for (let cut = 0; cut < length; cut++) {
      const peer = new RawPeer()
      const wire = recording(peer)
      const ends = wire.map((_, index) => concat(...wire.slice(0, index + 1)).length)
      peer.session.receive(concat(...wire).subarray(0, cut))
      peer.session.linkClosed()
      checkDelivered(peer)
      const whole = ends.filter((end) => end <= cut).length
      expect(peer.session.statistics.framesReceived).toBe(whole)
      expect(peer.log.ends).toEqual([expect.objectContaining({ cause: 'link-lost' })])
      expect(peer.log.linkDoneTimes).toBe(1)
    }
  })

  it('comes to the same however it is cut into chunks', () => {
    for (const size of [1, 2, 3, 5, 17, 64, 1_000]) {
      const peer = new RawPeer()
      const wire = concat(...recording(peer))
      for (let at = 0; at < wire.length; at += size) peer.session.receive(wire.slice(at, at + size))
      checkDelivered(peer)
      expect(delivered(peer)).toBe([...WHOLE.values()].join('').length)
      expect(peer.log.ends).toEqual([expect.objectContaining({ cause: 'closed', code: 0, byPeer: true })])
    }
  })

  it('with any one bit flipped ends in a typed end, and delivers nothing from that frame on', () => {
    const length = concat(...recording(new RawPeer())).length
    const causes = new Map<string, number>()
    for (let bit = 0; bit < length * 8; bit++) {
      const peer = new RawPeer()
      const frames = recording(peer)
      const wire = concat(...frames)
      wire[bit >>> 3] = (wire[bit >>> 3] as number) ^ (1 << (bit & 7))
      peer.session.receive(wire)
      // A length made larger waits for bytes that do not come.
      if (peer.log.ends.length === 0) peer.session.linkClosed()
      let intact = 0
      for (let at = 0; at + (frames[intact]?.length ?? Infinity) <= bit >>> 3; intact++)
        at += frames[intact]?.length as number
      checkDelivered(peer)
      expect(peer.session.statistics.framesReceived).toBe(intact)
      const [end] = peer.log.ends as [SessionEnd]
      const name = end.cause === 'closed' ? `closed ${end.code}` : end.cause
      causes.set(name, (causes.get(name) ?? 0) + 1)
      if (end.cause === 'unauthenticated') expect(peer.read().map(describeFrame)).not.toContain('close 0002')
    }
    // Headers alone may end it with MALFORMED_FRAME; everything else does not authenticate.
    expect([...causes.keys()].toSorted()).toEqual(['closed 7', 'link-lost', 'unauthenticated'])
    expect(causes.get('unauthenticated')).toBeGreaterThan(length * 8 * 0.8)
  })

  it('with a frame dropped, repeated or moved ends unauthenticated, and delivers nothing from there on', () => {
    const count = recording(new RawPeer()).length
    const changes: readonly ((frames: readonly Uint8Array[], at: number) => readonly Uint8Array[])[] = [
      (frames, at) => frames.toSpliced(at, 1),
      (frames, at) => frames.toSpliced(at, 0, frames[at] as Uint8Array),
      (frames, at) => frames.toSpliced(at, 2, frames[at + 1] as Uint8Array, frames[at] as Uint8Array),
    ]
    for (const [kind, change] of changes.entries()) {
      for (let at = 0; at < count - 1; at++) {
        const peer = new RawPeer()
        peer.session.receive(concat(...change(recording(peer), at)))
        checkDelivered(peer)
        expect(peer.log.ends).toEqual([expect.objectContaining({ cause: 'unauthenticated' })])
        expect(peer.session.statistics.framesReceived).toBe(kind === 1 ? at + 1 : at)
      }
    }
  })

  it('of another session is worth nothing', () => {
    const other = new RawPeer({ seed: 8 })
    const peer = new RawPeer({ seed: 7 })
    peer.session.receive(concat(...recording(other)))
    expect([peer.log.ends[0]?.cause, peer.log.accepted.length]).toEqual(['unauthenticated', 0])
  })

  it('of our own frames, reflected, is worth nothing', () => {
    const peer = new RawPeer()
    peer.session.openStream().write(utf8('hello'))
    peer.session.receive(peer.side.pull())
    expect(peer.log.ends).toEqual([expect.objectContaining({ cause: 'unauthenticated' })])
  })
})

describe('garbage', () => {
  it('of any length ends the session or waits, without an exception', () => {
    const random = new SeededRandom(5)
    for (let round = 0; round < 2_000; round++) {
      const peer = new RawPeer()
      peer.session.receive(random.bytes(1 + random.below(200)))
      peer.session.receive(random.bytes(1 + random.below(200)))
      peer.session.linkClosed()
      expect([peer.log.ends.length, peer.log.accepted.length, peer.log.linkDoneTimes]).toEqual([1, 0, 1])
    }
  })

  it('that claims 16 MiB is refused by its header', () => {
    const peer = new RawPeer()
    peer.session.receive(Uint8Array.of(0xff, 0xff, 0xff, 0))
    expect(peer.log.ends).toEqual([expect.objectContaining({ code: CODE.MALFORMED_FRAME })])
    expect(peer.read().map(describeFrame)).toEqual(['close 0007'])
  })

  it('after the end of a session is not read', () => {
    const peer = new RawPeer()
    peer.closeWith(CODE.OK)
    peer.read()
    const before = peer.session.statistics
    peer.session.receive(new SeededRandom(1).bytes(100_000))
    expect([peer.session.statistics, peer.log.ends.length]).toEqual([before, 1])
  })
})
