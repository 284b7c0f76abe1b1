import { describe, expect, it } from 'vitest'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import { FRAME } from '../../../../src/lib/htx/frames/index.ts'
import { watch } from '../../../support/session-events.ts'
import { describeFrame, RawPeer, type RawPeerOptions } from '../../../support/session-peer.ts'
import { answerPings, NO_IDLE } from '../../../support/session-pings.ts'

const read = (peer: RawPeer): string[] => peer.read().map(describeFrame)
const ended = (peer: RawPeer): (number | undefined)[] => peer.log.ends.map(({ code }) => code)

/** Moves time while every PING is answered at once. */
function elapseAnswering(peer: RawPeer, ms: number): void {
  const target = peer.clock.now() + ms
  while (peer.clock.now() < target) {
    peer.clock.advance(Math.min(target, peer.session.nextDeadline()) - peer.clock.now())
    peer.session.tick()
    answerPings(peer)
  }
}

describe('the idle time-out', () => {
  const IDLE: RawPeerOptions = {
    parameters: { idleTimeoutMs: 300_000 },
    peer: { parameters: { idleTimeoutMs: 0 } },
  }
  /** Time at which the session ends of itself while every PING is answered. */
  const endsAt = (peer: RawPeer, limit = 700_000): number => {
    while (peer.session.isOpen && peer.clock.now() < limit) {
      peer.clock.advance(peer.session.nextDeadline() - peer.clock.now())
      peer.session.tick()
      answerPings(peer)
    }
    return peer.clock.now()
  }

  it('ends a session that saw nothing but PING and padding', () => {
    const peer = new RawPeer(IDLE)
    peer.send(FRAME.STREAM, 0, new Uint8Array(100))
    peer.session.pad(50)
    expect(endsAt(peer)).toBe(300_000)
    expect(ended(peer)).toEqual([CODE.IDLE_TIMEOUT])
    expect(peer.frames.map(describeFrame).at(-1)).toBe('close 8003')
  })

  it.each([
    ['data', (peer: RawPeer) => peer.stream(1, { open: 16 }, new Uint8Array(1))],
    ['credit', (peer: RawPeer) => peer.credit(0, 1)],
    ['a key update', (peer: RawPeer) => peer.session.receive(peer.sealKeyUpdate())],
    ['MAX_STREAMS', (peer: RawPeer) => peer.send(FRAME.STREAM, 0, Uint8Array.of(1, 0, 0, 0, 9))],
    ['an extension', (peer: RawPeer) => peer.send(64, undefined, new Uint8Array(3))],
    ['data of ours', (peer: RawPeer) => watch(peer.session.openStream()).stream.write(new Uint8Array(9))],
    // It counted for the receiver only: the two sides disagreed about when the session was idle.
    ['MAX_STREAMS of ours', (peer: RawPeer) => peer.session.setMaxStreams(9)],
  ] as const)('starts anew with %s', (_what, act) => {
    const peer = new RawPeer(IDLE)
    elapseAnswering(peer, 100_000)
    act(peer)
    answerPings(peer)
    expect(endsAt(peer)).toBe(400_000)
  })

  it('starts anew with a key update of ours', () => {
    const rekey = { frames: 3, bytes: 2 ** 40, ms: 2 ** 40 }
    const peer = new RawPeer({ ...IDLE, rekey })
    elapseAnswering(peer, 700_000)
    expect([peer.session.isOpen, peer.session.statistics.rekeysSent > 3]).toEqual([true, true])
  })

  it('is the smaller one of the two that are not 0', () => {
    for (const [ours, theirs, at] of [
      [300_000, 60_000, 60_000],
      [60_000, 300_000, 60_000],
      [0, 60_000, 60_000],
      [60_000, 0, 60_000],
    ] as const) {
      const peer = new RawPeer({
        parameters: { idleTimeoutMs: ours },
        peer: { parameters: { idleTimeoutMs: theirs } },
      })
      expect(endsAt(peer)).toBe(at)
    }
    expect(endsAt(new RawPeer(NO_IDLE))).toBeGreaterThanOrEqual(700_000)
  })
})

describe('a frame that does not become whole', () => {
  // PINGs as rarely as they may come, so that none falls into the middle of a frame.
  const rare = (): RawPeer =>
    new RawPeer({ ...NO_IDLE, random: { bytes: (length) => new Uint8Array(length).fill(0xff) } })
  const frame = (peer: RawPeer, id: number): Uint8Array =>
    peer.sealStream(id, { open: 16 }, new Uint8Array(100))

  it('ends the session 30 s after its first byte, even when a byte comes every second', () => {
    const peer = rare()
    const bytes = frame(peer, 1)
    for (let second = 0; second < 30; second++) {
      expect(peer.session.isOpen).toBe(true)
      peer.session.receive(bytes.subarray(second, second + 1))
      peer.elapse(1_000)
    }
    expect([ended(peer), read(peer)]).toEqual([[CODE.ENHANCE_CALM], ['close 8002']])
  })

  it('counts from the first byte of each frame: slow but whole frames go on', () => {
    const peer = rare()
    for (let round = 0; round < 10; round++) {
      const bytes = frame(peer, 1 + 2 * round)
      peer.session.receive(bytes.subarray(0, 50))
      peer.elapse(14_000)
      peer.session.receive(bytes.subarray(50))
      answerPings(peer)
    }
    expect([peer.session.isOpen, peer.log.accepted.length]).toEqual([true, 10])
  })

  it('counts anew for the beginning that arrives together with the end of the one before', () => {
    const peer = rare()
    const [first, second] = [frame(peer, 1), frame(peer, 3)]
    peer.session.receive(first.subarray(0, 10))
    peer.elapse(20_000)
    peer.session.receive(new Uint8Array(Buffer.concat([first.subarray(10), second.subarray(0, 10)])))
    peer.elapse(29_999)
    expect(peer.session.isOpen).toBe(true)
    peer.elapse(1)
    expect(ended(peer)).toEqual([CODE.ENHANCE_CALM])
  })
})
