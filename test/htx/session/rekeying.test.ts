import { describe, expect, it } from 'vitest'
import { toHex, u32, utf8 } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import { FRAME } from '../../../src/lib/htx/frames/index.ts'
import { DirectionKeys } from '../../../src/lib/htx/keys/direction.ts'
import { type StreamLog, watch } from '../../support/session-events.ts'
import { directionsFor } from '../../support/session-keys.ts'
import { makePair } from '../../support/session-pair.ts'
import { describeFrame, RawPeer } from '../../support/session-peer.ts'

const EVERY_3 = { frames: 3, bytes: 2 ** 40, ms: 2 ** 40 }
const NO_IDLE = { idleTimeoutMs: 0 }

describe('rekeying (section 4.3)', () => {
  it('every three frames, in both directions under load, loses and changes nothing', () => {
    const parameters = { ...NO_IDLE, maxFrame: 1_200, streamWindow: 16_000, sessionWindow: 64_000 }
    const { client, server, clock, send, pump } = makePair({
      client: { rekey: EVERY_3, parameters },
      server: { rekey: EVERY_3, parameters },
    })
    const size = 200_000
    const fill = (log: StreamLog, salt: number): void => {
      log.stream.write(Uint8Array.from({ length: size }, (_, at) => (at * 13 + salt + (at >>> 8)) & 0xff))
      log.stream.finish()
    }
    server.log.onStream = (stream) => {
      const log = watch(stream)
      server.log.logs.push(log)
      fill(log, Number(stream.id) + 1)
    }
    const logs = [1, 2, 3].map(() => watch(client.session.openStream()))
    for (const log of logs) fill(log, Number(log.stream.id))
    for (let turn = 0; turn < 20_000 && client.session.streamCount > 0; turn++) {
      for (const side of [client, server]) {
        const peer = side === client ? server : client
        const out = side.pull(3_000)
        if (out.length > 0) peer.session.receive(out)
      }
      // A receiver takes four key updates a second.
      clock.advance(300)
    }
    send('client')
    expect([client.log.ends, server.log.ends]).toEqual([[], []])
    for (const [index, log] of logs.entries()) {
      for (const [got, salt] of [
        [log, Number(log.stream.id) + 1],
        [server.log.logs[index] as StreamLog, Number(log.stream.id)],
      ] as const) {
        expect([got.bytes, got.finishedTimes]).toEqual([size, 1])
        expect(got.received.every((byte, at) => byte === ((at * 13 + salt + (at >>> 8)) & 0xff))).toBe(true)
      }
    }
    pump()
    for (const { session } of [client, server]) {
      expect(session.statistics.rekeysSent).toBeGreaterThan(150)
      expect(session.config.directions.send.counter).toBeLessThanOrEqual(3)
    }
    expect(client.session.statistics.rekeysSent).toBe(server.session.statistics.rekeysReceived)
    expect(server.session.statistics.rekeysSent).toBe(client.session.statistics.rekeysReceived)
  })

  it('counts the directions apart', () => {
    const { client, server, pump } = makePair({ client: { rekey: EVERY_3 } })
    for (let i = 0; i < 12; i++) {
      client.session.ping()
      pump()
    }
    expect(client.session.statistics.rekeysSent).toBe(4)
    expect([server.session.statistics.rekeysSent, server.session.config.directions.send.generation]).toEqual([
      0, 0,
    ])
    expect(server.session.config.directions.receive.generation).toBe(4)
  })

  it('comes after an hour, with the next frame and not by itself', () => {
    const peer = new RawPeer({ parameters: NO_IDLE, peer: { parameters: NO_IDLE } })
    peer.clock.advance(3_600_000)
    expect(peer.session.hasOutput).toBe(false)
    watch(peer.session.openStream()).stream.write(utf8('x'))
    expect(peer.read().map(describeFrame)).toEqual(['key-update 1', 'stream 2 open 16 data 1'])
  })

  it('says KEY_UPDATE under the old key as its last frame, and the next frame is the first of the new key', () => {
    const peer = new RawPeer({ rekey: EVERY_3 })
    for (let i = 0; i < 4; i++) watch(peer.session.openStream()).stream.finish()
    const wire = peer.side.pull()
    const { receive: keys } = directionsFor('client', 7)
    const expected = new DirectionKeys('s', keys.exposeChainSecret(), keys.transcriptHash)
    // Three frames of 5 + 2 + 16 bytes, KEY_UPDATE of 4 + 4 + 16, then one frame more.
    expect(wire.length).toBe(4 * 23 + 24)
    expect(toHex(wire.subarray(3 * 23, 3 * 23 + 4))).toBe('00000403')
    expected.update()
    expect(peer.session.config.directions.send.counter).toBe(1)
    expect(toHex(peer.session.config.directions.send.key)).toBe(toHex(expected.key))
  })

  it('goes before a CLOSE as well', () => {
    const peer = new RawPeer({ rekey: { frames: 1, bytes: 2 ** 40, ms: 2 ** 40 } })
    peer.session.ping()
    peer.read()
    peer.session.close()
    expect(peer.read().map(describeFrame)).toEqual(['key-update 1', 'close 0000'])
  })

  it.each([0, 2, 7])('to generation %i instead of 1 ends the session with MALFORMED_FRAME', (generation) => {
    const peer = new RawPeer()
    peer.send(FRAME.KEY_UPDATE, undefined, u32(generation))
    expect(peer.log.ends).toEqual([expect.objectContaining({ code: CODE.MALFORMED_FRAME })])
  })

  it('makes the old key worthless: a frame sealed under it ends the session in silence', () => {
    const peer = new RawPeer()
    const stale = new RawPeer()
    stale.seal(FRAME.PING, undefined, new Uint8Array(9))
    peer.session.receive(peer.sealKeyUpdate())
    peer.session.receive(stale.sealStream(1, { open: 16 }, utf8('old')))
    expect([peer.log.ends[0]?.cause, peer.log.accepted.length, peer.read()]).toEqual([
      'unauthenticated',
      0,
      [],
    ])
  })

  it('is followed while our own CLOSE waits for its answer', () => {
    const peer = new RawPeer()
    peer.session.close()
    peer.read()
    peer.session.receive(peer.sealKeyUpdate())
    peer.closeWith(CODE.OK)
    expect(peer.log.linkDoneTimes).toBe(1)
  })

  // The counter of a peer that never rekeys ran into an exception instead of a typed end.
  it('that a peer never does ends the session before its counter repeats', () => {
    const peer = new RawPeer()
    const { key, nonceSalt } = directionsFor('server', 7).receive
    const last = new RawPeer({ receiveKeys: DirectionKeys.recorded('c', key, nonceSalt, 0x100000000) })
    last.session.receive(peer.sealStream(1, { open: 16 }))
    expect(last.log.ends).toEqual([expect.objectContaining({ cause: 'closed', code: CODE.INTERNAL_ERROR })])
    expect(last.read().map(describeFrame)).toEqual(['close 0008'])
  })
})
