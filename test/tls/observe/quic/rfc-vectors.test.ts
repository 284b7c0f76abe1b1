import { describe, expect, it } from 'vitest'
import { concat, EMPTY, fromHex, toHex } from '../../../../src/lib/core/index.ts'
import { hkdfExtract } from '../../../../src/lib/crypto/index.ts'
import { QuicHellos } from '../../../../src/lib/tls/index.ts'
import { QUIC_VERSIONS, type QuicVersion } from '../../../../src/lib/tls/observe/quic/constants.ts'
import { initialKeys } from '../../../../src/lib/tls/observe/quic/initial-keys.ts'
import { type ProtectedInitial, readLongHeader } from '../../../../src/lib/tls/observe/quic/long-header.ts'
import { decodePacketNumber, openInitial } from '../../../../src/lib/tls/observe/quic/packet-protection.ts'
import { hkdfExpandLabel } from '../../../../src/lib/tls/schedule/hkdf-expand-label.ts'
import { quicSamples, sealInitial } from '../../../support/quic-initial.ts'

function initialOf(packet: string): ProtectedInitial {
  const header = readLongHeader(fromHex(packet), 0)
  if (header.kind !== 'initial') throw new Error(`read as ${header.kind}`)
  return header.initial
}

describe.each([
  [9001, 1, 0],
  [9369, 2, 1],
] as const)('the samples of RFC %i (version %i)', (rfc, number, index) => {
  const samples = quicSamples(rfc)
  const version = QUIC_VERSIONS[index] as QuicVersion
  const destinationId = fromHex(samples.destinationConnectionId)

  it('has its initial secret', () => {
    const secret = hkdfExtract(destinationId, version.initialSalt)
    expect(toHex(secret)).toBe(samples.initialSecret)
    for (const sender of ['client', 'server'] as const)
      expect(toHex(hkdfExpandLabel(secret, `${sender} in`, EMPTY, 32))).toBe(samples[sender].secret)
  })

  it.each(['client', 'server'] as const)('has the keys of its %s', (sender) => {
    const { key, iv, hp } = initialKeys(version, destinationId, sender)
    expect({ key: toHex(key), iv: toHex(iv), hp: toHex(hp) }).toEqual({
      key: samples[sender].key,
      iv: samples[sender].iv,
      hp: samples[sender].hp,
    })
  })

  it('opens the packet of its client, and only whole', () => {
    const initial = initialOf(samples.client.packet)
    expect(toHex(initial.destinationId)).toBe('8394c8f03e515708')
    const keys = initialKeys(version, destinationId, 'client')
    const opened = openInitial(initial, keys, -1)
    const frames = fromHex(samples.client.frames)
    const padded = concat(frames, new Uint8Array(1162 - frames.length))
    expect(opened).toEqual({ packetNumber: 2, payload: padded, hasReservedBits: false })
    const cut = { ...initial, packet: initial.packet.subarray(0, -1) }
    expect(openInitial(cut, keys, -1)).toBeUndefined()
  })

  it('opens the packet of its server with the keys of the server', () => {
    const initial = initialOf(samples.server.packet)
    expect(toHex(initial.sourceId)).toBe('f067a5502a4262b5')
    const opened = openInitial(initial, initialKeys(version, destinationId, 'server'), -1)
    expect(opened).toEqual({
      packetNumber: 1,
      payload: fromHex(samples.server.frames),
      hasReservedBits: false,
    })
    expect(openInitial(initial, initialKeys(version, destinationId, 'client'), -1)).toBeUndefined()
  })

  it('gives its ClientHello, and nothing for the answer of its server', () => {
    const hellos = new QuicHellos()
    const { messages, skips } = hellos.datagram('flow', fromHex(samples.client.packet))
    // The frame is 06, offset 00, length 40f1.
    expect(messages.map(toHex)).toEqual([samples.client.frames.slice(8)])
    expect(skips).toEqual([])
    expect(hellos.heldBytes).toBe(0)
    expect(hellos.datagram('flow', fromHex(samples.server.packet))).toEqual({
      messages: [],
      skips: ['from-server'],
    })
    expect(new QuicHellos().datagram('flow', fromHex(samples.server.packet)).skips).toEqual(['undecryptable'])
  })

  it('is what the packets of the other tests are written like', () => {
    const frames = fromHex(samples.client.frames)
    const payload = concat(frames, new Uint8Array(1162 - frames.length))
    const packet = sealInitial({ version: number, packetNumber: 2, frames: payload })
    expect(toHex(packet)).toBe(samples.client.packet)
  })
})

describe('a packet number', () => {
  it('is decoded as in RFC 9000 appendix A.3', () => {
    expect(decodePacketNumber(0x9b32, 2, 0xa82f30ea)).toBe(0xa82f9b32)
  })

  it('is the one nearest to the number expected, across the end of the window in both directions', () => {
    expect(decodePacketNumber(0x00, 1, 255)).toBe(256)
    expect(decodePacketNumber(0x02, 1, 254)).toBe(258)
    expect(decodePacketNumber(0xfe, 1, 256)).toBe(254)
    expect(decodePacketNumber(0xff, 1, -1)).toBe(255)
    expect(decodePacketNumber(0, 4, -1)).toBe(0)
  })
})
