import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import { watch } from '../../support/session-events.ts'
import { makePair } from '../../support/session-pair.ts'
import { describeFrame, RawPeer } from '../../support/session-peer.ts'

const read = (peer: RawPeer): string[] => peer.read().map(describeFrame)

describe('a drain', () => {
  it('lets open streams finish, refuses new ones, and ends with CLOSE OK', () => {
    const { client, server, pump } = makePair()
    const before = watch(client.session.openStream())
    before.stream.write(utf8('first '))
    pump()
    const crossing = watch(client.session.openStream())
    crossing.stream.write(utf8('crossing'))
    server.session.drain('maintenance')
    pump()
    expect([client.log.drainingTimes, client.session.isDraining, server.session.isDraining]).toEqual([
      1,
      true,
      true,
    ])
    expect([crossing.resets, crossing.closes]).toEqual([[CODE.STREAM_REFUSED], [undefined]])
    expect(server.log.accepted.map(({ id }) => id)).toEqual([1])
    expect(() => client.session.openStream()).toThrow(expect.objectContaining({ code: 'E_SESSION_CLOSED' }))
    expect(() => server.session.openStream()).toThrow(expect.objectContaining({ code: 'E_SESSION_CLOSED' }))
    before.stream.write(utf8('second'))
    before.stream.finish()
    pump()
    expect([server.log.logs[0]?.text, server.log.logs[0]?.finishedTimes]).toEqual(['first second', 1])
    expect(server.log.ends).toEqual([])
    server.log.logs[0]?.stream.finish()
    pump()
    expect([client.log.ends[0]?.code, server.log.ends[0]?.code]).toEqual([0, 0])
    expect([client.log.linkDoneTimes, server.log.linkDoneTimes]).toEqual([1, 1])
    expect(before.closes).toEqual([undefined])
  })

  // CLOSE OK took the place of the DRAIN: a stream on its way looked as if it might have been processed.
  it('of an idle session still says where it stopped, so that a crossing stream is known to be refused', () => {
    const { client, server, pump, send } = makePair()
    pump()
    const crossing = watch(client.session.openStream())
    client.pull()
    server.session.drain()
    expect(server.session.isOpen).toBe(false)
    send('server')
    expect([crossing.resets, crossing.closes]).toEqual([[CODE.STREAM_REFUSED], [undefined]])
    pump()
    expect(client.log.ends).toEqual([expect.objectContaining({ cause: 'closed', code: 0 })])
  })

  // DRAIN overtook the OPEN of streams whose first data still waited, and the peer refused them.
  it('does not overtake streams that were opened before it', () => {
    const { client, server, pump } = makePair()
    pump()
    const logs = [1, 2, 3].map((weight) => {
      const log = watch(client.session.openStream(weight))
      log.stream.write(utf8('last words'))
      log.stream.finish()
      return log
    })
    client.session.drain()
    pump()
    expect(
      server.log.logs.map(({ stream, text, finishedTimes }) => [stream.weight, text, finishedTimes]),
    ).toEqual([
      [1, 'last words', 1],
      [2, 'last words', 1],
      [3, 'last words', 1],
    ])
    for (const { stream } of server.log.logs) stream.finish()
    pump()
    expect(logs.map(({ closes, resets }) => [closes, resets])).toEqual(logs.map(() => [[undefined], []]))
    expect([client.log.ends[0]?.code, server.log.ends[0]?.code]).toEqual([0, 0])
  })

  it('may be repeated with a lower stream, and not with a higher one', () => {
    const peer = new RawPeer()
    for (const id of [1, 3, 5]) peer.stream(id, { open: 16 })
    peer.session.drain('', 5)
    peer.session.drain('', 7)
    peer.session.drain('', 5)
    expect(read(peer)).toEqual(['close 8001 last 5'])
    peer.session.drain('', 1)
    expect(read(peer)).toEqual(['close 8001 last 1'])
  })

  // The peer forgets what it is told was not processed; our half of it stayed open for ever.
  it('to a lower stream gives up what is above it on both sides', () => {
    const { client, server, pump } = makePair()
    const kept = watch(client.session.openStream())
    const dropped = watch(client.session.openStream())
    pump()
    server.session.drain('', 1)
    pump()
    expect([kept.closes.length, dropped.closes.length, client.session.streamCount]).toEqual([0, 1, 1])
    expect([server.session.streamCount, server.log.logs[1]?.closes.length]).toEqual([1, 1])
  })

  it('refuses streams that come after it without calling them abuse', () => {
    const peer = new RawPeer()
    peer.stream(1, { open: 16 })
    peer.session.drain()
    read(peer)
    for (let id = 3; id < 403; id += 2) peer.stream(id, { open: 16 }, utf8('x'))
    expect(read(peer)).toEqual(
      Array.from({ length: 200 }, (_, i) => `stream ${3 + 2 * i} reset 8102 stop 8102`),
    )
    expect([peer.session.isOpen, peer.log.accepted.length]).toEqual([true, 1])
  })

  // Refusals after a drain cost the peer nothing: it could make us answer for ever.
  it('refuses even so no more streams than the control budget pays for', () => {
    const peer = new RawPeer()
    peer.stream(1, { open: 16 })
    peer.session.drain()
    for (let id = 3; peer.session.isOpen && id < 20_000; id += 2) {
      peer.stream(id, { open: 16 })
      peer.side.pull()
    }
    expect(peer.log.ends).toEqual([expect.objectContaining({ code: CODE.ENHANCE_CALM })])
  })

  it('of an idle peer leaves it two seconds to close, and closes then', () => {
    const peer = new RawPeer()
    peer.closeWith(CODE.DRAIN, '', 0)
    peer.elapse(1_999)
    expect([peer.session.isOpen, read(peer)]).toEqual([true, []])
    peer.elapse(1)
    expect([peer.session.isOpen, read(peer)]).toEqual([false, ['close 0000']])
  })

  it('of the peer is over with the last stream', () => {
    const peer = new RawPeer()
    peer.stream(1, { open: 16 })
    peer.closeWith(CODE.DRAIN, '', 0)
    peer.elapse(5_000)
    expect(peer.session.isOpen).toBe(true)
    peer.stream(1, { fin: true })
    peer.log.logs[0]?.stream.finish()
    expect(read(peer)).toEqual(['stream 1 fin', 'close 0000'])
  })

  it('of the peer refuses streams it opens all the same', () => {
    const peer = new RawPeer()
    peer.stream(1, { open: 16 })
    peer.closeWith(CODE.DRAIN, '', 0)
    peer.stream(3, { open: 16 })
    expect(read(peer)).toEqual(['stream 3 reset 8102 stop 8102'])
  })
})
