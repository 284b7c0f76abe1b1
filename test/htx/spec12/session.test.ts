import { describe, expect, it } from 'vitest'
import { concat, ManualClock, u16, u32, u64, utf8 } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import type { MuxStream, StreamHandler } from '../../../src/lib/htx/session/index.ts'
import { HandPeer, pullAll, type Side, settle, side, WireReader } from '../../support/spec12-pair.ts'

interface Heard extends StreamHandler {
  readonly bytes: Uint8Array[]
  finishedCount: number
  resets: number[]
  closedCount: number
}

/** Takes all data at once, unless told to leave it unread. */
function listen(stream: MuxStream, consume = true): Heard {
  const heard: Heard = {
    bytes: [],
    finishedCount: 0,
    resets: [],
    closedCount: 0,
    data: (chunks, length) => {
      for (const chunk of chunks) heard.bytes.push(chunk.slice())
      if (consume) stream.consumed(length)
    },
    finished: () => {
      heard.finishedCount++
    },
    reset: (code) => heard.resets.push(code),
    stopped: () => {},
    writable: () => {},
    closed: () => {
      heard.closedCount++
    },
  }
  stream.attach(heard)
  return heard
}

function pair(rekeyFrames?: number): { clock: ManualClock; client: Side; server: Side } {
  const clock = new ManualClock()
  const rekey = rekeyFrames === undefined ? undefined : { frames: rekeyFrames, bytes: 2 ** 40, ms: 2 ** 40 }
  return { clock, client: side('client', clock, rekey), server: side('server', clock, rekey) }
}

/** STREAM as section 13.2 writes it. */
function streamFrame(flags: number, offset: number, data: Uint8Array): Uint8Array {
  return concat(Uint8Array.of(flags), u64(offset), u16(data.length), data)
}

/** A server, and a client of the test's own making. */
function handClient(): {
  clock: ManualClock
  server: Side
  peer: HandPeer
  give: (bytes: Uint8Array) => void
} {
  const clock = new ManualClock()
  const server = side('server', clock)
  return { clock, server, peer: new HandPeer('c'), give: (bytes) => server.session.receive(bytes) }
}

const PATTERN = new Uint8Array(400_000).map((_, i) => i * 31 + (i >> 8))

describe('a 1.2 session', () => {
  it.each([undefined, 3])('carries streams both ways, with a new key every %s frames', (rekeyFrames) => {
    const { client, server } = pair(rekeyFrames)
    const stream = client.session.openStream()
    const answer = listen(stream)
    stream.write(PATTERN.slice())
    stream.finish()
    const said = { c: new WireReader('c'), s: new WireReader('s') }
    const first = settle(client, server, said)
    const accepted = server.streams[0] as MuxStream
    const request = listen(accepted)
    settle(client, server, said)
    expect(Buffer.concat(request.bytes).equals(PATTERN)).toBe(true)
    expect([request.finishedCount, request.closedCount]).toEqual([1, 0])
    accepted.write(PATTERN.slice(0, 100_000))
    accepted.finish()
    const second = settle(client, server, said)
    expect(Buffer.concat(answer.bytes).equals(PATTERN.subarray(0, 100_000))).toBe(true)
    expect([answer.finishedCount, answer.closedCount, request.closedCount]).toEqual([1, 1, 1])
    expect(client.session.isOpen && server.session.isOpen).toBe(true)
    const types = new Set([...first.c, ...first.s, ...second.c, ...second.s].map(({ type }) => type))
    expect([...types].every((type) => type <= 3)).toBe(true)
    expect(server.session.statistics.rekeysReceived > 0).toBe(rekeyFrames !== undefined)
  })

  it('sends 32,768 bytes of a stream and 65,535 of all before it has credit', () => {
    const { client, server } = pair()
    for (let i = 0; i < 3; i++) client.session.openStream().write(PATTERN.slice(0, 100_000))
    const { c } = settle(client, server)
    const sent = new Map<number, number>()
    for (const { type, id, plaintext } of c)
      if (type === 0) sent.set(id, (sent.get(id) ?? 0) + plaintext.length - 11)
    expect(Math.max(...sent.values())).toBe(32_768)
    expect([...sent.values()].reduce((a, b) => a + b)).toBe(65_535)
  })

  it('numbers the bytes of a stream as it sends them', () => {
    const { client, server } = pair()
    const wire = { c: new WireReader('c'), s: new WireReader('s') }
    const stream = client.session.openStream()
    const frames = ['one', 'two', 'three'].flatMap((word) => {
      stream.write(utf8(word))
      return settle(client, server, wire).c
    })
    expect(frames.map(({ plaintext }) => plaintext)).toEqual([
      streamFrame(0, 0, utf8('one')),
      streamFrame(0, 3, utf8('two')),
      streamFrame(0, 6, utf8('three')),
    ])
  })

  it('says control records, STOP and DRAIN in no way, and RESET as FIN', () => {
    const { client, server } = pair()
    const [kept, dropped] = [client.session.openStream(), client.session.openStream()]
    kept.write(utf8('kept'))
    dropped.write(utf8('dropped'))
    const wire = { c: new WireReader('c'), s: new WireReader('s') }
    settle(client, server, wire)
    client.session.setMaxStreams(7)
    client.session.setWeight(kept, 99)
    client.session.pad(100)
    kept.stop(CODE.CANCELLED)
    dropped.reset(CODE.CANCELLED)
    client.session.drain('bye')
    const { c } = settle(client, server, wire)
    expect(c).toEqual([{ type: 0, id: 3, plaintext: streamFrame(1, 7, new Uint8Array(0)) }])
    const heard = listen(server.streams[1] as MuxStream)
    expect([heard.finishedCount, heard.resets]).toEqual([1, []])
  })

  it('throws away what still comes of a stream that was aborted, with credit until the peer has finished', () => {
    const { client, server } = pair()
    const stream = client.session.openStream()
    stream.write(utf8('send me much'))
    settle(client, server)
    const sender = server.streams[0] as MuxStream
    const heard = listen(sender)
    sender.write(PATTERN.slice())
    sender.finish()
    listen(stream, false)
    stream.abort(CODE.CANCELLED)
    settleBlind(client, server)
    expect(heard.finishedCount).toBe(1)
    expect(heard.closedCount).toBe(1)
    expect([client.session.streamCount, server.session.streamCount]).toEqual([0, 0])
    expect(client.session.isOpen).toBe(true)
  })
})

/** As `settle`, when the frames do not matter. */
function settleBlind(client: Side, server: Side): void {
  for (;;) {
    const fromClient = pullAll(client)
    const fromServer = pullAll(server)
    if (fromClient.length + fromServer.length === 0) return
    if (fromClient.length > 0) server.session.receive(fromClient)
    if (fromServer.length > 0) client.session.receive(fromServer)
  }
}

describe('a peer of a 1.2 session', () => {
  it.each<[string, (peer: HandPeer) => Uint8Array[], number]>([
    [
      'leaves a gap',
      (p) => [p.frame(0, 1, streamFrame(0, 0, utf8('a'))), p.frame(0, 1, streamFrame(0, 2, utf8('b')))],
      CODE.MALFORMED_FRAME,
    ],
    [
      'repeats bytes',
      (p) => [p.frame(0, 1, streamFrame(0, 0, utf8('a'))), p.frame(0, 1, streamFrame(0, 0, utf8('a')))],
      CODE.MALFORMED_FRAME,
    ],
    [
      'begins a stream in its middle',
      (p) => [p.frame(0, 1, streamFrame(0, 1, utf8('a')))],
      CODE.MALFORMED_FRAME,
    ],
    [
      'says an offset beyond all bounds',
      (p) => [p.frame(0, 1, concat(Uint8Array.of(0), u64(2n ** 63n), u16(0)))],
      CODE.MALFORMED_FRAME,
    ],
    [
      'opens a stream of our parity',
      (p) => [p.frame(0, 2, streamFrame(0, 0, utf8('a')))],
      CODE.STREAM_STATE_ERROR,
    ],
    [
      'goes on after FIN',
      (p) => [p.frame(0, 1, streamFrame(1, 0, utf8('a'))), p.frame(0, 1, streamFrame(0, 1, utf8('b')))],
      CODE.STREAM_STATE_ERROR,
    ],
    [
      'sends more than the stream was granted',
      (p) => [p.frame(0, 1, streamFrame(0, 0, new Uint8Array(32_769)))],
      CODE.FLOW_CONTROL_VIOLATION,
    ],
    [
      'sends more than the connection was granted',
      (p) => [1, 3, 5].map((id) => p.frame(0, id, streamFrame(0, 0, new Uint8Array(22_000)))),
      CODE.FLOW_CONTROL_VIOLATION,
    ],
    [
      'gives credit to a stream that never was',
      (p) => [p.frame(1, 8, concat(Uint8Array.of(1), u32(5)))],
      CODE.STREAM_STATE_ERROR,
    ],
    ['sends a frame type of 1.1 alone', (p) => [p.frame(64, 0)], CODE.MALFORMED_FRAME],
    ['names a generation in KEY_UPDATE', (p) => [p.frame(3, 0, u32(1))], CODE.MALFORMED_FRAME],
  ])('that %s gets a CLOSE', (_what, frames, code) => {
    const { server, peer, give } = handClient()
    for (const frame of frames(peer)) give(frame)
    expect(server.session.end).toMatchObject({ cause: 'closed', code, byPeer: false })
    const [close] = new WireReader('s').read(pullAll(server)).slice(-1)
    expect([close?.type, close?.plaintext.slice(0, 2)]).toEqual([4, u16(code)])
  })

  it('that sends within its windows gets none', () => {
    const { server, peer, give } = handClient()
    give(peer.frame(0, 1, streamFrame(0, 0, new Uint8Array(32_768))))
    give(peer.frame(0, 3, streamFrame(0, 0, new Uint8Array(32_767))))
    give(peer.frame(0x20, 0, utf8('a path header')))
    expect(server.session.isOpen).toBe(true)
  })

  it('that uses the old key after KEY_UPDATE is not followed', () => {
    const { server, peer, give } = handClient()
    give(peer.frame(3, 0))
    give(peer.frame(2, 0, new Uint8Array(8)))
    expect(server.session.end?.cause).toBe('unauthenticated')
    expect(pullAll(server).length).toBe(0)
  })

  it('that uses the new key after KEY_UPDATE is', () => {
    const { server, peer, give } = handClient()
    give(peer.frame(3, 0))
    peer.keys.update()
    give(peer.frame(0, 1, streamFrame(0, 0, utf8('a'))))
    expect(server.session.isOpen).toBe(true)
    expect(server.streams).toHaveLength(1)
  })

  it('that sends a PING gets the same token back', () => {
    const { server, peer, give } = handClient()
    const token = utf8('8 bytes!')
    give(peer.frame(2, 0, token))
    expect(new WireReader('s').read(pullAll(server))).toEqual([{ type: 2, id: 0, plaintext: token }])
  })

  it('that does not echo our PING within 5 s loses the session', () => {
    for (const [echo, end] of [
      [true, undefined],
      [false, CODE.KEEPALIVE_TIMEOUT],
    ] as const) {
      const { clock, server, peer, give } = handClient()
      let roundTrip: number | undefined
      server.session.ping((ms) => {
        roundTrip = ms
      })
      const [ping] = new WireReader('s').read(pullAll(server))
      clock.advance(4_999)
      server.session.tick()
      expect(server.session.isOpen).toBe(true)
      if (echo) give(peer.frame(2, 0, ping?.plaintext ?? new Uint8Array(0)))
      clock.advance(2)
      server.session.tick()
      expect([server.session.end?.code, roundTrip]).toEqual([end, echo ? 4_999 : undefined])
    }
  })

  it.each([CODE.OK, CODE.DRAIN, 0x1234])('that says CLOSE %i has ended the session', (code) => {
    const { server, peer, give } = handClient()
    give(peer.frame(4, 0, concat(u16(code), u16(3), utf8('bye'))))
    expect(server.session.end).toMatchObject({ cause: 'closed', byPeer: true, reason: 'bye' })
    expect(new WireReader('s').read(pullAll(server)).map(({ type }) => type)).toEqual([4])
    expect(server.linkDone).toBe(true)
  })

  it('that does not answer our CLOSE is waited for 2 s', () => {
    const { clock, server } = handClient()
    server.session.close(CODE.OK, 'done')
    const [close] = new WireReader('s').read(pullAll(server))
    expect(close).toEqual({ type: 4, id: 0, plaintext: concat(u16(0), u16(4), utf8('done')) })
    clock.advance(1_999)
    server.session.tick()
    expect(server.linkDone).toBe(false)
    clock.advance(1)
    server.session.tick()
    expect(server.linkDone).toBe(true)
  })

  it('loses the link without a word when a tag is wrong', () => {
    const { server, peer, give } = handClient()
    const frame = peer.frame(2, 0, new Uint8Array(8))
    frame[frame.length - 1] = (frame[frame.length - 1] as number) ^ 1
    give(frame)
    expect(server.session.end?.cause).toBe('unauthenticated')
  })
})
