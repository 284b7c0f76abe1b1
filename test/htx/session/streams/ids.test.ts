import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../src/lib/core/index.ts'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import type { StreamFlags, StreamId } from '../../../../src/lib/htx/frames/index.ts'
import { watch } from '../../../support/session-events.ts'
import { describeFrame, RawPeer } from '../../../support/session-peer.ts'

const read = (peer: RawPeer): string[] => peer.read().map(describeFrame)
const STATE_ERROR = expect.objectContaining({ cause: 'closed', code: CODE.STREAM_STATE_ERROR, byPeer: false })

describe('ids of the peer (section 6.1)', () => {
  const opened = (): RawPeer => {
    const peer = new RawPeer()
    peer.stream(5, { open: 16 })
    return peer
  }

  it('may skip; what was skipped is closed for good, and ignored', () => {
    const peer = opened()
    for (const flags of [
      { open: 16 },
      {},
      { fin: true },
      { reset: 1 },
      { stop: 1 },
    ] satisfies StreamFlags[]) {
      peer.stream(1, flags)
      peer.stream(3, flags)
    }
    peer.credit(3, 5)
    expect([peer.session.isOpen, peer.log.accepted.map(({ id }) => id), read(peer)]).toEqual([true, [5], []])
  })

  it('are never used again', () => {
    const peer = opened()
    peer.stream(5, { fin: true })
    peer.log.logs[0]?.stream.finish()
    read(peer)
    expect(peer.session.streamCount).toBe(0)
    peer.stream(5, { open: 16 }, utf8('again'))
    expect([peer.session.isOpen, peer.log.accepted.length]).toEqual([true, 1])
  })

  it.each([
    ['OPEN on a stream that is open', 5, { open: 16 }],
    ['a new stream without OPEN', 7, {}],
    ['FIN on a new stream without OPEN', 7, { fin: true }],
    ['RESET of a stream that never was', 7, { reset: 1 }],
    ['our parity', 2, { open: 16 }],
    ['our parity without OPEN', 2, {}],
    ['our parity, far ahead', 1_000_000, { stop: 1 }],
    ['our parity above 2^53', 2n ** 60n, { open: 1 }],
  ] as const)('end the session with STREAM_STATE_ERROR on %s', (_what, id, flags) => {
    const peer = opened()
    peer.stream(id, flags)
    expect(peer.log.ends).toEqual([STATE_ERROR])
    expect(read(peer)).toEqual(['close 8005'])
  })

  it.each([2, 7, 2n ** 60n] as StreamId[])('end the session on credit for %s, which never was', (id) => {
    const peer = opened()
    peer.credit(id, 1)
    expect(peer.log.ends).toEqual([STATE_ERROR])
  })

  // The stream was in our table, but nothing of it had been sent: the peer could write to it and even close it.
  it.each([
    ['data', (peer: RawPeer) => peer.stream(2, {}, utf8('early'))],
    ['RESET', (peer: RawPeer) => peer.stream(2, { reset: 1 })],
    ['STOP', (peer: RawPeer) => peer.stream(2, { stop: 1 })],
    ['credit', (peer: RawPeer) => peer.credit(2, 1)],
  ] as const)('end the session on %s for a stream that we have not announced yet', (_what, act) => {
    const peer = new RawPeer()
    const log = watch(peer.session.openStream())
    act(peer)
    expect(peer.log.ends).toEqual([STATE_ERROR])
    expect(log.calls).toEqual(['closed'])
  })

  it.each([
    ['data after FIN', { fin: true }, {}],
    ['FIN after FIN', { fin: true }, { fin: true }],
    ['data after RESET', { reset: 1 }, {}],
    ['FIN after RESET', { reset: 1 }, { fin: true }],
  ] as const)('end the session on %s', (what, first, second) => {
    const peer = opened()
    peer.stream(5, first)
    peer.stream(5, second, what.startsWith('data') ? utf8('more') : undefined)
    expect(peer.log.ends).toEqual([STATE_ERROR])
  })

  it('may send RESET and STOP after their end, which changes nothing', () => {
    const peer = opened()
    peer.stream(5, { fin: true })
    peer.stream(5, { reset: 1 })
    const [log] = peer.log.logs
    expect([log?.finishedTimes, log?.resets, peer.session.isOpen]).toEqual([1, [], true])
  })
})
