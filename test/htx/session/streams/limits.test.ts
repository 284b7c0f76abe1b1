import { describe, expect, it } from 'vitest'
import { watch } from '../../../support/session-events.ts'
import { makePair } from '../../../support/session-pair.ts'
import { describeFrame, RawPeer } from '../../../support/session-peer.ts'

const read = (peer: RawPeer): string[] => peer.read().map(describeFrame)

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
