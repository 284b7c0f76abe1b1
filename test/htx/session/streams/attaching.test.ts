import { describe, expect, it } from 'vitest'
import { utf8 } from '../../../../src/lib/core/index.ts'
import { CODE } from '../../../../src/lib/htx/codes.ts'
import { watch } from '../../../support/session-events.ts'
import { makePair } from '../../../support/session-pair.ts'
import { RawPeer } from '../../../support/session-peer.ts'

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
