import { describe, expect, it } from 'vitest'
import { toHex } from '../../../src/lib/core/index.ts'
import { makePair } from '../../support/session-pair.ts'
import { describeFrame, RawPeer } from '../../support/session-peer.ts'

const read = (peer: RawPeer): string[] => peer.read().map(describeFrame)

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
