import { describe, expect, it } from 'vitest'
import { toHex, utf8 } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import type { StreamFlags, StreamId } from '../../../src/lib/htx/frames/index.ts'
import { streamResetError } from '../../../src/lib/htx/session/index.ts'
import { watch } from '../../support/session-events.ts'
import { makePair } from '../../support/session-pair.ts'
import { describeFrame, RawPeer } from '../../support/session-peer.ts'

const read = (peer: RawPeer): string[] => peer.read().map(describeFrame)
const STATE_ERROR = expect.objectContaining({ cause: 'closed', code: CODE.STREAM_STATE_ERROR, byPeer: false })

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

describe('reading after the peer has finished', () => {
  it('still gives everything that had arrived, also when it is attached only then', () => {
    const { client, server, pump } = makePair()
    server.log.onStream = () => undefined
    const log = watch(client.session.openStream())
    log.stream.write(utf8('kept until '))
    pump()
    log.stream.write(utf8('somebody asks'))
    log.stream.finish()
    pump()
    const late = watch(server.log.accepted[0] as NonNullable<(typeof server.log.accepted)[0]>)
    expect([late.text, late.calls]).toEqual(['kept until somebody asks', ['data', 'finished']])
    late.stream.write(utf8('answer'))
    late.stream.finish()
    pump()
    expect([log.text, log.closes, late.closes]).toEqual(['answer', [undefined], [undefined]])
  })

  it('gives a RESET that came before anybody attached, and not the data it took back', () => {
    const peer = new RawPeer()
    peer.log.onStream = () => undefined
    peer.stream(1, { open: 16 }, utf8('lost'))
    peer.stream(1, { reset: CODE.CANCELLED })
    const log = watch(peer.log.accepted[0] as NonNullable<(typeof peer.log.accepted)[0]>)
    expect([log.calls, log.resets]).toEqual([['reset'], [CODE.CANCELLED]])
  })

  // A STOP that came before `attach` was told to nobody: a writer learned of it only from an exception.
  it('gives a STOP that came before anybody attached', () => {
    const peer = new RawPeer()
    peer.log.onStream = () => undefined
    peer.stream(1, { open: 16 })
    peer.stream(1, { stop: CODE.CANCELLED })
    const log = watch(peer.log.accepted[0] as NonNullable<(typeof peer.log.accepted)[0]>)
    expect([log.calls, log.stops]).toEqual([['stopped'], [CODE.CANCELLED]])
  })

  // The data was dropped and the end still told: a truncated stream that looked whole.
  it('gives all of a stream that had finished when the session ended before anybody attached', () => {
    const peer = new RawPeer()
    peer.log.onStream = () => undefined
    peer.stream(1, { open: 16, fin: true }, utf8('x'))
    peer.closeWith(CODE.GOING_AWAY)
    const log = watch(peer.log.accepted[0] as NonNullable<(typeof peer.log.accepted)[0]>)
    expect([log.text, log.calls]).toEqual(['x', ['data', 'finished', 'closed']])
    expect(log.closes).toEqual([expect.objectContaining({ code: CODE.GOING_AWAY })])
  })

  it('gives no clean end, and no part of the data, of what the end of the session cut', () => {
    const peer = new RawPeer()
    peer.log.onStream = () => undefined
    peer.stream(1, { open: 16 }, utf8('half'))
    peer.session.linkClosed()
    const log = watch(peer.log.accepted[0] as NonNullable<(typeof peer.log.accepted)[0]>)
    expect(log.calls).toEqual(['closed'])
  })
})

describe('RESET and STOP', () => {
  it('of a reset mid-write drop what is queued, and the reader hears the code', () => {
    const { client, server, pump } = makePair()
    const log = watch(client.session.openStream())
    while (log.stream.write(new Uint8Array(50_000))) {
      /* more than the stream window takes */
    }
    log.stream.write(new Uint8Array(500_000))
    server.log.onStream = (stream) => {
      watch(stream, (reader) => {
        reader.consumes = false
        server.log.logs.push(reader)
      })
    }
    pump()
    log.stream.reset(CODE.CANCELLED)
    expect(log.stream.queuedBytes).toBe(0)
    pump()
    const [reader] = server.log.logs
    expect([reader?.bytes, reader?.resets, reader?.finishedTimes]).toEqual([262_144, [CODE.CANCELLED], 0])
    expect(() => log.stream.write(utf8('x'))).toThrow(expect.objectContaining({ code: 'E_STREAM_RESET' }))
    reader?.stream.write(utf8('the other way still works'))
    reader?.stream.finish()
    pump()
    expect([log.text, log.closes, reader?.closes]).toEqual([
      'the other way still works',
      [undefined],
      [undefined],
    ])
    expect([client.session.bufferedBytes, server.session.bufferedBytes]).toEqual([0, 0])
  })

  it('of a STOP make the sender reset with the same code', () => {
    const { client, server, pump } = makePair()
    const log = watch(client.session.openStream())
    log.stream.write(utf8('first'))
    pump()
    server.log.logs[0]?.stream.stop(CODE.CANCELLED)
    log.stream.write(utf8('second'))
    pump()
    expect([log.stops, log.closes]).toEqual([[CODE.CANCELLED], []])
    expect(server.log.logs[0]?.text).toBe('first')
    expect(() => log.stream.write(utf8('x'))).toThrow(expect.objectContaining({ code: 'E_STREAM_RESET' }))
    server.log.logs[0]?.stream.finish()
    pump()
    expect([log.closes, server.log.logs[0]?.closes, client.session.streamCount]).toEqual([
      [undefined],
      [undefined],
      0,
    ])
  })

  it('of a STOP leave a direction that has finished as it is', () => {
    const peer = new RawPeer()
    const log = watch(peer.session.openStream())
    log.stream.finish()
    read(peer)
    peer.stream(2, { stop: CODE.CANCELLED })
    expect([read(peer), log.stops]).toEqual([[], []])
  })

  it('together abort both directions with one frame', () => {
    const peer = new RawPeer()
    const log = watch(peer.session.openStream())
    log.stream.write(utf8('x'))
    read(peer)
    log.stream.abort(CODE.CONNECT_FAILED)
    log.stream.abort(CODE.CANCELLED)
    expect(read(peer)).toEqual(['stream 2 reset 8103 stop 8103'])
    peer.stream(2, {}, utf8('on the way'))
    expect(log.bytes).toBe(0)
    peer.stream(2, { reset: CODE.CONNECT_FAILED })
    expect([log.closes, peer.session.streamCount]).toEqual([[undefined], 0])
  })

  it('of a stream that was never announced say nothing to the peer', () => {
    for (const act of ['reset', 'stop', 'abort'] as const) {
      const peer = new RawPeer()
      const log = watch(peer.session.openStream())
      log.stream.write(utf8('never sent'))
      log.stream[act](CODE.CANCELLED)
      expect([read(peer), log.closes, peer.session.streamCount, peer.session.bufferedBytes]).toEqual([
        [],
        [undefined],
        0,
        0,
      ])
      watch(peer.session.openStream())
      expect(read(peer)).toEqual(['stream 4 open 16'])
    }
  })

  it('name their code in the error an application gets', () => {
    expect(streamResetError(CODE.CONNECT_FAILED)).toMatchObject({
      code: 'E_STREAM_RESET',
      message: 'the peer reset the stream: CONNECT_FAILED',
    })
    expect(streamResetError(0x1234).message).toContain('0x1234')
  })
})

describe('limits on streams', () => {
  it('let nobody open more than the peer allows, and more again when some close', () => {
    const { client, server, pump } = makePair({ server: { parameters: { maxStreams: 3 } } })
    const logs = [1, 2, 3].map(() => watch(client.session.openStream()))
    expect(() => client.session.openStream()).toThrow(expect.objectContaining({ code: 'E_STREAM_LIMIT' }))
    pump()
    logs[0]?.stream.finish()
    pump()
    expect(() => client.session.openStream()).toThrow(expect.objectContaining({ code: 'E_STREAM_LIMIT' }))
    server.log.logs[0]?.stream.finish()
    pump()
    expect(client.session.openStream().id).toBe(7)
  })

  it('change with MAX_STREAMS, in both directions', () => {
    const { client, server, pump } = makePair({ server: { parameters: { maxStreams: 1 } } })
    watch(client.session.openStream())
    server.session.setMaxStreams(3)
    pump()
    watch(client.session.openStream())
    watch(client.session.openStream())
    pump()
    expect([server.log.accepted.length, server.session.isOpen]).toEqual([3, true])
    server.session.setMaxStreams(0)
    pump()
    expect(() => client.session.openStream()).toThrow(expect.objectContaining({ code: 'E_STREAM_LIMIT' }))
    expect(() => server.session.setMaxStreams(2 ** 32)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })

  it('refuse what a peer opens beyond them, with its data returned', () => {
    const peer = new RawPeer({ parameters: { maxStreams: 2, sessionWindow: 400_000 } })
    for (const id of [1, 3, 5, 7]) peer.stream(id, { open: 16 }, new Uint8Array(60_000))
    peer.stream(5, { fin: true }, new Uint8Array(30_000))
    const said = read(peer)
    expect(said.slice(0, 2)).toEqual(['stream 5 reset 8102 stop 8102', 'stream 7 reset 8102 stop 8102'])
    expect([peer.log.accepted.map(({ id }) => id), peer.session.bufferedBytes]).toEqual([[1, 3], 0])
    expect(said.at(-1)).toMatch(/^window-update 0 \+/)
  })

  it('refuse what nobody accepts: the backlog holds 128 streams', () => {
    const peer = new RawPeer()
    peer.log.onStream = () => undefined
    for (let id = 1; id <= 261; id += 2) peer.stream(id, { open: 16 })
    expect(peer.log.accepted.length).toBe(128)
    expect(read(peer)).toEqual([257, 259, 261].map((id) => `stream ${id} reset 8102 stop 8102`))
    watch(peer.log.accepted[0] as NonNullable<(typeof peer.log.accepted)[0]>)
    peer.stream(263, { open: 16 })
    peer.stream(265, { open: 16 })
    expect([peer.log.accepted.length, read(peer)]).toEqual([129, ['stream 265 reset 8102 stop 8102']])
  })

  it('count streams of the peer only, not our own', () => {
    const peer = new RawPeer({ parameters: { maxStreams: 1 } })
    for (let i = 0; i < 5; i++) watch(peer.session.openStream())
    peer.stream(1, { open: 16 })
    expect(peer.log.accepted.length).toBe(1)
  })
})

describe('features that were not confirmed', () => {
  // The weight of OPEN was taken whatever the handshake had settled.
  it('leave weights alone: without priorities every stream weighs 16 and PRIORITY means nothing', () => {
    const peer = new RawPeer({ features: 0 })
    peer.stream(1, { open: 200 })
    peer.send(0, 0, Uint8Array.of(3, 1, 99))
    expect(peer.log.accepted[0]?.weight).toBe(16)
    peer.session.setWeight(peer.log.accepted[0] as NonNullable<(typeof peer.log.accepted)[0]>, 64)
    expect(read(peer)).toEqual([])
    const confirmed = new RawPeer()
    confirmed.stream(1, { open: 200 })
    expect(confirmed.log.accepted[0]?.weight).toBe(200)
    confirmed.send(0, 0, Uint8Array.of(3, 1, 99))
    expect(confirmed.log.accepted[0]?.weight).toBe(99)
  })

  it('send no padding and no tickets, and take none', () => {
    const peer = new RawPeer({ features: 0 })
    peer.session.pad(100)
    peer.session.sendTicket(60, new Uint8Array(16))
    expect(read(peer)).toEqual([])
    const client = new RawPeer({ role: 'client', features: 0 })
    client.send(0, 0, Uint8Array.of(2, 0, 0, 0, 60), new Uint8Array(16))
    expect([client.log.tickets, client.session.isOpen]).toEqual([[], true])
  })

  it('let only a server issue tickets', () => {
    const { client, server, pump } = makePair()
    const handle = new Uint8Array(16).fill(7)
    server.session.sendTicket(3_600, handle)
    pump()
    expect(client.log.tickets.map((ticket) => [ticket.lifetimeSeconds, toHex(ticket.handle)])).toEqual([
      [3_600, toHex(handle)],
    ])
    const wrong = expect.objectContaining({ code: 'E_USAGE' })
    expect(() => client.session.sendTicket(3_600, handle)).toThrow(wrong)
    expect(() => server.session.sendTicket(3_600, handle.subarray(1))).toThrow(wrong)
    expect(() => server.session.sendTicket(2 ** 32, handle)).toThrow(wrong)
  })
})
