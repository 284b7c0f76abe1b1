import { describe, expect, it } from 'vitest'
import { isAllZero, utf8 } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import { FRAME } from '../../../src/lib/htx/frames/index.ts'
import { watch } from '../../support/session-events.ts'
import { makePair } from '../../support/session-pair.ts'
import { describeFrame, RawPeer } from '../../support/session-peer.ts'

const read = (peer: RawPeer): string[] => peer.read().map(describeFrame)

describe('a terminal CLOSE (section 7)', () => {
  it('is answered with the same code, and then both links are done', () => {
    const { client, server, pump } = makePair()
    pump()
    client.session.close(CODE.GOING_AWAY, 'good night')
    expect([client.log.linkDoneTimes, server.log.linkDoneTimes]).toEqual([0, 0])
    pump()
    expect(client.log.ends).toEqual([{ cause: 'closed', code: 0x8006, reason: 'good night', byPeer: false }])
    expect(server.log.ends).toEqual([{ cause: 'closed', code: 0x8006, reason: 'good night', byPeer: true }])
    expect([client.log.linkDoneTimes, server.log.linkDoneTimes]).toEqual([1, 1])
    expect([client.session.nextDeadline(), server.session.nextDeadline()]).toEqual([Infinity, Infinity])
  })

  it('is the last thing said: nothing queued goes out with it or after it', () => {
    const peer = new RawPeer()
    const log = watch(peer.session.openStream())
    log.stream.write(utf8('waiting'))
    peer.session.ping()
    peer.session.close(CODE.OK)
    peer.session.setMaxStreams(9)
    peer.session.pad(10)
    peer.session.close(CODE.INTERNAL_ERROR)
    peer.session.drain()
    expect(read(peer)).toEqual(['close 0000'])
    peer.send(FRAME.PING, undefined, new Uint8Array(9))
    peer.stream(1, { open: 16 }, utf8('late'))
    expect([read(peer), peer.log.accepted]).toEqual([[], []])
  })

  it('waits two seconds for the answer and not longer', () => {
    const peer = new RawPeer()
    peer.session.close()
    read(peer)
    peer.elapse(1_999)
    expect(peer.log.linkDoneTimes).toBe(0)
    peer.elapse(1)
    expect(peer.log.linkDoneTimes).toBe(1)
  })

  it('gives the link up after two seconds even when it takes nothing', () => {
    const peer = new RawPeer()
    peer.session.close()
    peer.elapse(2_000)
    expect(peer.log.linkDoneTimes).toBe(1)
    expect(read(peer)).toEqual([])
  })

  it('of the peer ends the session even when our answer is never taken', () => {
    const peer = new RawPeer()
    peer.closeWith(CODE.OK)
    expect(peer.log.ends.length).toBe(1)
    peer.elapse(2_000)
    expect([peer.log.linkDoneTimes, read(peer)]).toEqual([1, []])
  })

  it('is read past data, a key update and a DRAIN that were on the way', () => {
    const peer = new RawPeer()
    peer.session.close()
    read(peer)
    peer.stream(1, { open: 16 }, utf8('late'))
    peer.session.receive(peer.sealKeyUpdate())
    peer.closeWith(CODE.DRAIN, '', 0)
    expect(peer.log.linkDoneTimes).toBe(0)
    peer.closeWith(CODE.OK)
    expect([peer.log.linkDoneTimes, peer.log.accepted.length]).toEqual([1, 0])
  })

  it('carries a reason of at most 512 bytes, whatever the caller gave', () => {
    const { client, server, pump } = makePair()
    client.session.close(CODE.OK, '\u6c34'.repeat(1_000))
    pump()
    expect(server.log.ends[0]?.reason).toBe('\u6c34'.repeat(170))
  })

  it('erases the keys of both directions on both sides', () => {
    const { client, server, pump } = makePair()
    pump()
    client.session.close()
    pump()
    for (const { session } of [client, server]) {
      const { send, receive } = session.config.directions
      expect([isAllZero(send.key), isAllZero(receive.key), isAllZero(send.exposeChainSecret())]).toEqual([
        true,
        true,
        true,
      ])
    }
  })

  it('wakes whoever waits on a stream, once', () => {
    const { client, server, pump } = makePair()
    const full = watch(client.session.openStream())
    while (full.stream.write(new Uint8Array(65_536))) {
      /* until the writer is told to wait */
    }
    const idle = watch(client.session.openStream())
    pump()
    server.session.close(CODE.OK)
    pump()
    const end = client.log.ends[0]
    expect([full.closes, idle.closes]).toEqual([[end], [end]])
    expect(server.log.logs.map(({ closes }) => closes.length)).toEqual([1, 1])
    expect(() => full.stream.write(utf8('x'))).toThrow(expect.objectContaining({ code: 'E_STREAM_RESET' }))
    expect(() => client.session.openStream()).toThrow(expect.objectContaining({ code: 'E_SESSION_CLOSED' }))
    expect(() => client.session.ping()).toThrow(expect.objectContaining({ code: 'E_SESSION_CLOSED' }))
  })
})

describe('two CLOSEs that cross', () => {
  it('end both sides cleanly', () => {
    const { client, server, pump } = makePair()
    pump()
    client.session.close(CODE.OK, 'a')
    server.session.close(CODE.OK, 'b')
    pump()
    expect([client.log.linkDoneTimes, server.log.linkDoneTimes]).toEqual([1, 1])
    expect([client.log.ends[0]?.byPeer, server.log.ends[0]?.byPeer]).toEqual([false, false])
  })

  // The peer's CLOSE erased the keys while our own still waited to be sealed: it went out under zeros.
  it('never seal a frame under erased keys', () => {
    const peer = new RawPeer()
    peer.session.close(CODE.OK, 'secret reason')
    peer.closeWith(CODE.OK)
    expect(peer.log.linkDoneTimes).toBe(0)
    expect(read(peer)).toEqual(['close 0000'])
    expect(peer.log.linkDoneTimes).toBe(1)
  })
})

describe('after the link was given up', () => {
  // What waited could still be pulled, sealed under erased keys.
  it('nothing can be pulled any more', () => {
    const cut = new RawPeer()
    cut.session.ping()
    cut.session.linkClosed()
    const silent = new RawPeer()
    silent.session.close(CODE.OK, 'unsaid')
    silent.elapse(2_000)
    const gone = new RawPeer()
    gone.session.close(CODE.OK, 'unsaid')
    gone.session.linkClosed()
    for (const { session } of [cut, silent, gone]) {
      const out: Uint8Array[] = []
      expect([session.hasOutput, session.pull(1_000, out), out]).toEqual([false, 0, []])
    }
  })
})

describe('a link that ends without CLOSE', () => {
  it('is LINK_LOST: a direction without FIN ends in error, never in a clean end-of-file', () => {
    const { client, server, pump } = makePair()
    const log = watch(client.session.openStream())
    log.stream.write(utf8('half'))
    pump()
    server.session.linkClosed()
    client.session.linkClosed()
    const [accepted] = server.log.logs
    expect([accepted?.text, accepted?.finishedTimes]).toEqual(['half', 0])
    expect(accepted?.closes).toEqual([expect.objectContaining({ cause: 'link-lost' })])
    expect(server.log.ends).toEqual([expect.objectContaining({ cause: 'link-lost' })])
    expect([client.log.linkDoneTimes, server.log.linkDoneTimes]).toEqual([1, 1])
    client.session.linkClosed()
    expect([client.log.ends.length, client.log.linkDoneTimes]).toEqual([1, 1])
  })

  it('is said once also when it follows our own CLOSE', () => {
    const peer = new RawPeer()
    peer.session.close()
    read(peer)
    peer.session.linkClosed()
    expect(peer.log.ends).toEqual([expect.objectContaining({ cause: 'closed', code: 0 })])
    expect(peer.log.linkDoneTimes).toBe(1)
  })
})

describe('a frame that does not authenticate', () => {
  it('ends the session in silence, and the link after a delay drawn from 0 to 30 s', () => {
    const delays: number[] = []
    for (let seed = 0; seed < 200; seed++) {
      const peer = new RawPeer({ seed })
      const log = watch(peer.session.openStream())
      log.stream.write(utf8('waiting'))
      peer.session.ping()
      const bad = peer.sealStream(1, { open: 16 }, utf8('x'))
      bad[bad.length - 1] = (bad[bad.length - 1] as number) ^ 1
      peer.session.receive(bad)
      expect(peer.log.ends).toEqual([expect.objectContaining({ cause: 'unauthenticated' })])
      expect([log.closes.length, peer.log.accepted.length, peer.session.hasOutput]).toEqual([1, 0, false])
      expect(read(peer)).toEqual([])
      const at = peer.session.nextDeadline()
      delays.push(at)
      peer.clock.advance(at - 1)
      peer.session.tick()
      peer.session.receive(peer.sealStream(3, { open: 16 }, utf8('later')))
      expect([peer.log.linkDoneTimes, peer.log.accepted.length]).toEqual([0, 0])
      peer.clock.advance(1)
      peer.session.tick()
      expect(peer.log.linkDoneTimes).toBe(1)
    }
    expect(Math.min(...delays)).toBeGreaterThanOrEqual(0)
    expect(Math.max(...delays)).toBeLessThanOrEqual(30_000)
    // Kolmogorov-Smirnov against the uniform distribution, p = 0.001 for 200 draws.
    const sorted = delays.toSorted((a, b) => a - b)
    const distance = Math.max(...sorted.map((at, index) => Math.abs(at / 30_000 - (index + 0.5) / 200)))
    expect(distance).toBeLessThan(1.95 / Math.sqrt(200))
  })

  it('silences even a CLOSE that is still queued', () => {
    const peer = new RawPeer()
    peer.session.close(CODE.OK)
    const bad = peer.sealStream(1, { open: 16 })
    bad[6] = (bad[6] as number) ^ 0x80
    peer.session.receive(bad)
    expect(read(peer)).toEqual([])
  })
})

describe('closing with a code that is not one', () => {
  it('is refused: DRAIN ends nothing, and a code has 16 bits', () => {
    const { client } = makePair()
    for (const code of [CODE.DRAIN, -1, 0x10000, 1.5])
      expect(() => client.session.close(code)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
    expect(client.session.isOpen).toBe(true)
  })
})
