import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../src/lib/core/index.ts'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import { watch } from '../../../support/session-events.ts'
import { makePair } from '../../../support/session-pair.ts'
import { describeFrame, RawPeer } from '../../../support/session-peer.ts'

const read = (peer: RawPeer): string[] => peer.read().map(describeFrame)

describe('streams', () => {
  it('are opened by both sides, odd by the client and even by the server, and echo what they get', () => {
    const { client, server, pump } = makePair()
    for (const side of [client, server]) {
      side.log.onStream = (stream) => {
        watch(stream, (log) => {
          log.onData = () => {
            stream.write(log.chunks.at(-1)?.slice() as Uint8Array)
          }
          log.onFinished = () => stream.finish()
        })
      }
    }
    const opened = [client, server].flatMap((side) =>
      [0, 1, 2].map(() => {
        const log = watch(side.session.openStream())
        log.stream.write(utf8(`from ${log.stream.id}`))
        log.stream.finish()
        return log
      }),
    )
    pump()
    expect(opened.map(({ stream }) => stream.id)).toEqual([1, 3, 5, 2, 4, 6])
    expect(opened.map(({ text }) => text)).toEqual([1, 3, 5, 2, 4, 6].map((id) => `from ${id}`))
    expect(opened.map(({ finishedTimes, closes }) => [finishedTimes, closes])).toEqual(
      opened.map(() => [1, [undefined]]),
    )
    expect([client.session.streamCount, server.session.streamCount]).toEqual([0, 0])
  })

  it('carry megabytes on many streams at once, unchanged', () => {
    const { client, server, pump } = makePair()
    const logs = Array.from({ length: 16 }, () => watch(client.session.openStream()))
    const sent = logs.map((log, index) => {
      const bytes = new Uint8Array(1_000_003).map((_, at) => (at * 7 + index * 31 + (at >>> 8)) & 0xff)
      for (let at = 0; at < bytes.length; at += 77_777) log.stream.write(bytes.subarray(at, at + 77_777))
      log.stream.finish()
      return bytes
    })
    pump()
    expect(server.log.logs.length).toBe(16)
    for (const log of server.log.logs) {
      const index = (Number(log.stream.id) - 1) / 2
      expect(Buffer.compare(log.received, sent[index] as Uint8Array)).toBe(0)
      expect(log.finishedTimes).toBe(1)
    }
  })

  // The tail that waits for the next write to fill its frame is a copy.
  it('read nothing more from what was written when less than a frame of it is left and its writer is woken', () => {
    const peer = new RawPeer({ limits: { streamHighWater: 1 } })
    const written = new Uint8Array(70_000).fill(1)
    const log = watch(peer.session.openStream())
    log.onWritable = () => written.fill(2)
    expect(log.stream.write(written)).toBe(false)
    const sent = peer.read().flatMap((frame) => (frame.kind === 'stream' ? frame.data : []))
    expect(log.writableTimes).toBe(1)
    expect(Buffer.compare(Buffer.concat(sent), new Uint8Array(70_000).fill(1))).toBe(0)
  })

  it('take ids above 2^53 and keep them apart', () => {
    const peer = new RawPeer()
    const low = 2n ** 53n + 1n
    const last = 2n ** 62n - 1n
    peer.stream(2 ** 53 - 1, { open: 1 }, utf8('exact'))
    peer.stream(low, { open: 1 }, utf8('large'))
    peer.stream(low + 2n, { open: 1, fin: true }, utf8('larger'))
    peer.stream(last, { open: 1 }, utf8('last'))
    peer.stream(low, { fin: true }, utf8(' and on'))
    expect(peer.log.logs.map(({ stream, text }) => [stream.id, text])).toEqual([
      [2 ** 53 - 1, 'exact'],
      [low, 'large and on'],
      [low + 2n, 'larger'],
      [last, 'last'],
    ])
    peer.log.logs[1]?.stream.write(utf8('answer'))
    peer.log.logs[3]?.stream.abort(CODE.CANCELLED)
    expect(read(peer)).toEqual([`stream ${last} reset 8101 stop 8101`, `stream ${low} data 6`])
    peer.session.drain()
    expect(read(peer)).toEqual([`close 8001 last ${last}`])
  })

  it('drain the session when their ids are used up', () => {
    const { client, pump } = makePair()
    client.session.skipStreamsTo(Number.MAX_SAFE_INTEGER)
    const last = client.session.openStream()
    expect(last.id).toBe(Number.MAX_SAFE_INTEGER)
    expect(() => client.session.openStream()).toThrow(expect.objectContaining({ code: 'E_SESSION_CLOSED' }))
    expect(client.session.isDraining).toBe(true)
    watch(last).stream.write(utf8('still works'))
    pump()
    expect(client.session.isOpen).toBe(true)
  })

  it('are refused a weight that is none', () => {
    const { client } = makePair()
    for (const weight of [0, 256, -1, 1.5, Number.NaN]) {
      expect(() => client.session.openStream(weight)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
      expect(() => client.session.setWeight(client.session.openStream(), weight)).toThrow(
        expect.objectContaining({ code: 'E_USAGE' }),
      )
    }
  })
})

describe('half-close', () => {
  it('leaves the other direction open, whoever finishes first', () => {
    for (const first of ['client', 'server'] as const) {
      const { client, server, pump } = makePair()
      const mine = watch(client.session.openStream())
      pump()
      const theirs = server.log.logs[0] as typeof mine
      const [early, late] = first === 'client' ? [mine, theirs] : [theirs, mine]
      early.stream.write(utf8('short'))
      early.stream.finish()
      pump()
      expect([late.text, late.finishedTimes, late.closes]).toEqual(['short', 1, []])
      late.stream.write(utf8('long '))
      pump()
      late.stream.write(utf8('answer'))
      late.stream.finish()
      pump()
      expect([early.text, early.finishedTimes]).toEqual(['long answer', 1])
      expect([early.closes, late.closes]).toEqual([[undefined], [undefined]])
      expect(() => early.stream.write(utf8('x'))).toThrow(expect.objectContaining({ code: 'E_STREAM_RESET' }))
    }
  })

  it('sends what was written before it', () => {
    const { client, server, pump } = makePair()
    const log = watch(client.session.openStream())
    log.stream.write(utf8('all of '))
    log.stream.write(utf8('this'))
    log.stream.finish()
    log.stream.finish()
    pump()
    expect([server.log.logs[0]?.text, server.log.logs[0]?.finishedTimes]).toEqual(['all of this', 1])
  })

  it('of an empty stream opens and ends it in one frame', () => {
    const peer = new RawPeer()
    watch(peer.session.openStream(9)).stream.finish()
    expect(read(peer)).toEqual(['stream 2 open 9 fin'])
  })
})
