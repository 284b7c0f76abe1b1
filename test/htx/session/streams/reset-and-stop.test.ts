import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../src/lib/core/index.ts'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import { streamResetError } from '../../../../src/lib/htx/session/index.ts'
import { watch } from '../../../support/session-events.ts'
import { makePair } from '../../../support/session-pair.ts'
import { describeFrame, RawPeer } from '../../../support/session-peer.ts'

const read = (peer: RawPeer): string[] => peer.read().map(describeFrame)

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
