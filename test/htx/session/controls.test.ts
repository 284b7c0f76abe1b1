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

describe('padding', () => {
  it('is as long as was asked for, and 3,072 bytes at most', () => {
    const peer = new RawPeer()
    const sealed = (length: number): number => {
      peer.session.pad(length)
      return peer.side.pull().length
    }
    const empty = sealed(0)
    expect([sealed(100), sealed(3_072), sealed(5_000)].map((bytes) => bytes - empty)).toEqual([
      100, 3_072, 3_072,
    ])
  })

  // On a link that stands still it would pile up and hide nothing.
  it('does not go out with what waits already', () => {
    const peer = new RawPeer()
    peer.session.setMaxStreams(9)
    for (let i = 0; i < 3; i++) peer.session.pad(100)
    expect(read(peer)).toEqual(['max-streams'])
  })
})
