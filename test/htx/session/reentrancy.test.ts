import { describe, expect, it } from 'vitest'
import { concat, utf8 } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import type { MuxStream } from '../../../src/lib/htx/session/index.ts'
import { type StreamLog, watch } from '../../support/session-events.ts'
import { makePair } from '../../support/session-pair.ts'
import { describeFrame, RawPeer } from '../../support/session-peer.ts'

const read = (peer: RawPeer): string[] => peer.read().map(describeFrame)

/** Accepts every stream with a log that `prepare` has set hooks on. */
function accepting(peer: RawPeer, prepare: (log: StreamLog) => void): void {
  peer.log.onStream = (stream) => {
    peer.log.logs.push(watch(stream, prepare))
  }
}

describe('a handler that calls back into the session', () => {
  it('may reset, stop or abort the stream while it takes data', () => {
    const acts = {
      reset: ['stream 1 reset 8101'],
      stop: ['stream 1 stop 8101'],
      abort: ['stream 1 reset 8101 stop 8101'],
    } as const
    for (const act of ['reset', 'stop', 'abort'] as const) {
      const peer = new RawPeer()
      accepting(peer, (log) => {
        log.onData = () => log.stream[act](CODE.CANCELLED)
      })
      peer.stream(1, { open: 16 }, utf8('first'))
      peer.stream(1, {}, utf8('second'))
      peer.stream(1, { fin: true }, utf8('third'))
      const [log] = peer.log.logs
      expect(log?.text).toBe(act === 'reset' ? 'firstsecondthird' : 'first')
      expect(read(peer)).toEqual(acts[act])
      expect([peer.session.isOpen, log?.closes.length]).toEqual([true, act === 'stop' ? 0 : 1])
    }
  })

  it('hears of no end when it stopped the stream in the frame that ended it', () => {
    const peer = new RawPeer()
    accepting(peer, (log) => {
      log.onData = () => log.stream.stop(CODE.CANCELLED)
    })
    peer.stream(1, { open: 16, fin: true }, utf8('all'))
    expect(peer.log.logs[0]?.calls).toEqual(['data'])
  })

  // The frame that opened the stream was then acted on as if the peer had broken a rule, and CLOSE was never said.
  it('may close the session while a stream is offered to it', () => {
    for (const data of ['', 'with data']) {
      const peer = new RawPeer()
      peer.log.onStream = () => peer.session.close(CODE.POLICY_REJECTED, 'not you')
      peer.stream(1, { open: 16, fin: true }, utf8(data))
      expect(peer.log.linkDoneTimes).toBe(0)
      expect(read(peer)).toEqual(['close 0009'])
      expect(peer.log.ends).toEqual([expect.objectContaining({ code: CODE.POLICY_REJECTED, byPeer: false })])
      // Nothing went wrong: the peer's CLOSE is awaited as after any other.
      expect(peer.log.linkDoneTimes).toBe(0)
      peer.closeWith(CODE.POLICY_REJECTED)
      expect(peer.log.linkDoneTimes).toBe(1)
    }
  })

  it('may abort a stream while it is offered to it', () => {
    const peer = new RawPeer()
    peer.log.onStream = (stream) => stream.abort(CODE.DENIED)
    peer.stream(1, { open: 16 }, new Uint8Array(10_000))
    expect(read(peer)).toEqual(['stream 1 reset 8104 stop 8104'])
    expect(peer.session.bufferedBytes).toBe(0)
    peer.stream(1, { reset: CODE.DENIED })
    expect([peer.session.streamCount, peer.session.isOpen]).toEqual([0, true])
  })

  it('may close the session while it takes data: nothing more is delivered', () => {
    const peer = new RawPeer()
    accepting(peer, (log) => {
      log.onData = () => peer.session.close()
    })
    peer.session.receive(
      concat(
        peer.sealStream(1, { open: 16, fin: true }, utf8('a')),
        peer.sealStream(3, { open: 16 }, utf8('b')),
        peer.sealStream(5, { open: 16 }, utf8('c')),
      ),
    )
    expect(peer.log.logs.map(({ text, calls }) => [text, calls])).toEqual([['a', ['data', 'closed']]])
    expect(read(peer)).toEqual(['close 0000'])
  })

  it('may close the session in every other callback', () => {
    const hooks = ['onFinished', 'onReset', 'onStopped', 'onClosed'] as const
    for (const hook of hooks) {
      const peer = new RawPeer()
      accepting(peer, (log) => {
        log[hook] = () => peer.session.close(CODE.OK)
      })
      peer.stream(1, { open: 16 }, utf8('x'))
      if (hook === 'onFinished') peer.stream(1, { fin: true })
      else {
        peer.stream(1, { stop: 1 })
        peer.stream(1, { reset: 1 })
      }
      expect(read(peer).at(-1), hook).toBe('close 0000')
      expect(peer.log.logs[0]?.calls.filter((call) => call === 'closed')).toEqual(['closed'])
      expect(peer.log.logs[0]?.calls.at(-1)).toBe('closed')
    }
  })

  // `closed`, the last call, came twice, and `finished` between the two.
  it('may close the session while it takes the data that waited for it', () => {
    const peer = new RawPeer()
    peer.log.onStream = () => undefined
    peer.stream(1, { open: 16, fin: true }, utf8('early'))
    const log = watch(peer.log.accepted[0] as MuxStream, (fresh) => {
      fresh.onData = () => peer.session.close()
    })
    expect(log.calls).toEqual(['data', 'closed'])
  })

  it('may write, finish and open streams whenever it is told that it may write', () => {
    const { client, server, pump } = makePair()
    let left = 40
    const log = watch(client.session.openStream(), (fresh) => {
      fresh.onWritable = () => {
        while (left > 0) if (--left === 0 || !fresh.stream.write(new Uint8Array(100_000))) break
        if (left === 0) {
          fresh.stream.finish()
          watch(client.session.openStream()).stream.finish()
        }
      }
    })
    log.onWritable?.(log)
    pump()
    expect(server.log.logs.map(({ bytes, finishedTimes }) => [bytes, finishedTimes])).toEqual([
      [3_900_000, 1],
      [0, 1],
    ])
  })

  it('may close the session when it is told that it may write: CLOSE is the last frame', () => {
    const peer = new RawPeer({ parameters: { sessionWindow: 300_000 } })
    const log = watch(peer.session.openStream(), (fresh) => {
      fresh.onWritable = () => {
        peer.session.close()
        // A late consumer must not make credit follow the CLOSE.
        other.stream.consumed(600_000)
      }
    })
    const other = watch(peer.session.openStream(), (fresh) => {
      fresh.consumes = false
    })
    read(peer)
    for (let i = 0; i < 4; i++) peer.stream(4, {}, new Uint8Array(65_000))
    while (log.stream.write(new Uint8Array(60_000))) {
      /* until told to wait */
    }
    const said = read(peer)
    expect(said.at(-1)).toBe('close 0000')
    expect(said.filter((line) => line.startsWith('close')).length).toBe(1)
  })

  // A PING for a caller who had waited went into the queue behind the CLOSE.
  it('may close the session when its PING is answered: CLOSE is the last frame', () => {
    const { client, server, pump, send } = makePair({ client: { initialPing: false } })
    pump()
    client.session.ping(() => client.session.close())
    for (let i = 0; i < 20; i++) client.session.ping(() => undefined)
    send('client')
    send('server')
    expect(client.session.isOpen).toBe(false)
    send('client')
    expect([server.log.ends.length, client.session.statistics.framesSent]).toEqual([1, 8 + 1 + 1])
  })

  it('may open more than the control queue takes and drain: CLOSE is the last frame', () => {
    const peer = new RawPeer({ peer: { parameters: { maxStreams: 3_000 } } })
    for (let i = 0; i < 2_000; i++) watch(peer.session.openStream())
    peer.session.drain()
    expect(read(peer)).toEqual(['close 8002'])
  })

  it('may ask for output while output is being made: frames keep their order', () => {
    const { client: fresh, server: other, pump } = makePair()
    const again = watch(fresh.session.openStream(), (writer) => {
      writer.onWritable = () => {
        writer.stream.write(utf8('more'))
        writer.stream.finish()
      }
    })
    while (again.stream.write(new Uint8Array(50_000))) {
      /* until told to wait */
    }
    const inner: Uint8Array[] = []
    fresh.log.onOutput = () => {
      fresh.session.pull(Number.POSITIVE_INFINITY, inner)
    }
    const outer = fresh.pull()
    expect(inner).toEqual([])
    fresh.log.onOutput = undefined
    other.session.receive(outer)
    pump()
    expect(other.log.ends).toEqual([])
    expect(other.log.logs[0]?.finishedTimes).toBe(1)
  })

  it('may receive more bytes while it takes data: nothing is lost or turned round', () => {
    const peer = new RawPeer()
    const late = peer.sealStream(1, { open: 16 }, utf8('first'))
    const later = peer.sealStream(1, { fin: true }, utf8('second'))
    accepting(peer, (log) => {
      log.onData = () => {
        log.onData = undefined
        peer.session.receive(later)
      }
    })
    peer.session.receive(late)
    expect([peer.log.logs[0]?.text, peer.log.logs[0]?.finishedTimes]).toEqual(['firstsecond', 1])
  })

  it('may overfill the control queue: its streams hear of the end last', () => {
    const peer = new RawPeer({
      parameters: { maxStreams: 3_000 },
      peer: { parameters: { maxStreams: 3_000 } },
    })
    const logs = Array.from({ length: 1_100 }, () => watch(peer.session.openStream()))
    read(peer)
    for (const log of logs) peer.stream(log.stream.id, { stop: CODE.CANCELLED })
    expect(peer.log.ends).toEqual([expect.objectContaining({ code: CODE.ENHANCE_CALM })])
    for (const log of logs) expect(log.calls.at(-1)).toBe('closed')
    expect(logs.every(({ closes }) => closes.length === 1)).toBe(true)
  })
})
