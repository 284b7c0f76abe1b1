import { describe, expect, it } from 'vitest'
import { concat, EMPTY, fromHex, toHex, u32, utf8 } from '../../../../src/lib/core/index.ts'
import { QuicHellos } from '../../../../src/lib/tls/index.ts'
import {
  cryptoFrame,
  FIRST_ID,
  type InitialPacket,
  quicSamples,
  sealInitial,
  varint,
} from '../../../support/quic-initial.ts'

/** The ClientHello of RFC 9001 appendix A.2, 241 bytes. */
const HELLO = fromHex(quicSamples(9001).client.frames).subarray(4)
const WHOLE = cryptoFrame(0, HELLO)
const SERVER_ID = utf8('server id')

/** A message of `length` bytes in all, each byte told by its place. */
function longHello(length: number): Uint8Array {
  const message = Uint8Array.from({ length }, (_, i) => (i * 7 + (i >>> 8)) & 0xff)
  message.set([1, ...u32(length - 4).subarray(1)])
  return message
}

const packet = (frames: Uint8Array, rest: Omit<InitialPacket, 'frames'> = {}): Uint8Array =>
  sealInitial({ frames, ...rest })

/** The outcomes of all datagrams, joined. */
function read(datagrams: readonly Uint8Array[], hellos = new QuicHellos()) {
  const outcomes = datagrams.map((datagram) => hellos.datagram('flow', datagram))
  return {
    messages: outcomes.flatMap(({ messages }) => messages.map(toHex)),
    skips: outcomes.flatMap(({ skips }) => skips),
  }
}

const giving = (...messages: readonly Uint8Array[]) => ({ messages: messages.map(toHex), skips: [] })

describe('QuicHellos', () => {
  it('joins a hello from packets in any order, once, and holds nothing afterwards', () => {
    const hello = longHello(1800)
    const parts = [0, 600, 1200].map((at, packetNumber) =>
      packet(cryptoFrame(at, hello.subarray(at, at + 600)), { packetNumber }),
    ) as [Uint8Array, Uint8Array, Uint8Array]
    const hellos = new QuicHellos()
    expect(read([parts[2], parts[0], parts[0]], hellos)).toEqual(giving())
    expect(hellos.pending).toBe(1)
    expect(hellos.heldBytes).toBeGreaterThan(0)
    expect(read([parts[1]], hellos)).toEqual(giving(hello))
    expect(read(parts, hellos)).toEqual(giving())
    expect(hellos.pending).toBe(0)
    expect(hellos.heldBytes).toBe(0)
  })

  it('changes no datagram, and keeps no view of one whose memory is used again', () => {
    const hello = longHello(100)
    const hellos = new QuicHellos()
    const first = packet(cryptoFrame(0, hello.subarray(0, 50)), { sourceId: utf8('client') })
    const before = toHex(first)
    read([first], hellos)
    expect(toHex(first)).toBe(before)
    first.fill(0)
    const rest = { sourceId: utf8('client'), packetNumber: 1 }
    expect(read([packet(cryptoFrame(50, hello.subarray(50)), rest)], hellos)).toEqual(giving(hello))
  })

  it('reads frames of every kind that an Initial packet may hold', () => {
    const ack = Uint8Array.of(2, 9, 0, 1, 2, 0, 1)
    const ackEcn = Uint8Array.of(3, 9, 0, 0, 2, 1, 1, 1)
    const close = concat(Uint8Array.of(0x1c, 0, 6, 3), utf8('bye'))
    const parts = [Uint8Array.of(0, 1), ack, cryptoFrame(9, HELLO.subarray(9)), ackEcn, close]
    expect(read([packet(concat(...parts, cryptoFrame(0, HELLO.subarray(0, 9))))])).toEqual(giving(HELLO))
  })

  it('reads headers with a token, ids of 0 to 20 bytes, and lengths in any form', () => {
    for (const length of [0, 1, 8, 20])
      for (const lengthBytes of [2, 4, 8] as const) {
        const rest = {
          destinationId: new Uint8Array(length).fill(1),
          sourceId: new Uint8Array(20 - length).fill(2),
          token: new Uint8Array(length * 10),
          packetNumberBytes: 1,
          lengthBytes,
        } as const
        expect(read([packet(WHOLE, rest)])).toEqual(giving(HELLO))
      }
    const tooLong = packet(WHOLE, { destinationId: new Uint8Array(21) })
    expect(read([tooLong])).toEqual({ messages: [], skips: ['malformed-header'] })
  })

  it('does not mind a fixed bit that the client has changed (RFC 9287)', () => {
    expect(read([packet(WHOLE, { firstByteFlip: 0x40 })])).toEqual(giving(HELLO))
  })

  it('reads all packets of a datagram and stops at what fills the rest', () => {
    const [start, end] = [HELLO.subarray(0, 100), HELLO.subarray(100)]
    const handshake = concat(fromHex('e0000000010000'), varint(30, 2), new Uint8Array(30))
    const coalesced = concat(
      packet(cryptoFrame(0, start)),
      handshake,
      packet(cryptoFrame(100, end), { packetNumber: 1 }),
      fromHex('4012345678'),
    )
    expect(read([coalesced])).toEqual(giving(HELLO))
  })

  it('leaves a packet alone that shares a datagram with one for another connection', () => {
    const other = packet(WHOLE, { destinationId: SERVER_ID })
    expect(read([concat(packet(Uint8Array.of(1)), other)])).toEqual({
      messages: [],
      skips: ['different-connection-id'],
    })
  })

  it('reads at most 16 packets of a datagram', () => {
    const ping = packet(concat(Uint8Array.of(1), new Uint8Array(4)))
    const many = Array.from({ length: 17 }, () => ping)
    expect(read([concat(...many.slice(0, 16))]).skips).toEqual([])
    expect(read([concat(...many)]).skips).toEqual(['too-many-packets'])
  })

  describe('keys', () => {
    const [start, end] = [cryptoFrame(0, HELLO.subarray(0, 100)), cryptoFrame(100, HELLO.subarray(100))]
    const later = { destinationId: SERVER_ID, keyId: FIRST_ID, packetNumber: 1 }

    it('stay those of the first id when the client goes over to the id of the server', () => {
      expect(read([packet(start), packet(end, later)])).toEqual(giving(HELLO))
    })

    it('stay those of the first id when the server has chosen the other version', () => {
      expect(read([packet(start), packet(end, { ...later, version: 2 })])).toEqual(giving(HELLO))
      expect(read([packet(start, { version: 2 }), packet(end, later)])).toEqual(giving(HELLO))
    })

    it('are new after a Retry, which begins the stream anew', () => {
      const retried = { destinationId: SERVER_ID, token: utf8('token'), packetNumber: 1 }
      expect(read([packet(start), packet(WHOLE, retried)])).toEqual(giving(HELLO))
      expect(read([packet(WHOLE), packet(WHOLE, retried)])).toEqual(giving(HELLO, HELLO))
    })

    it('are not looked for among those of another flow', () => {
      const hellos = new QuicHellos()
      hellos.datagram('one', packet(start))
      expect(hellos.datagram('two', packet(end, later)).skips).toEqual(['undecryptable'])
      expect(hellos.datagram('one', packet(end, later)).messages).toHaveLength(1)
    })

    it('are kept for four attempts of a flow', () => {
      const ids = [1, 2, 3, 4, 5].map((id) => new Uint8Array(8).fill(id))
      const hellos = new QuicHellos()
      read(
        ids.map((destinationId) => packet(start, { destinationId })),
        hellos,
      )
      const ends = ids.map((keyId) => packet(end, { ...later, keyId }))
      expect(read(ends, hellos)).toEqual({
        messages: [HELLO, HELLO, HELLO, HELLO].map(toHex),
        skips: ['undecryptable'],
      })
    })
  })

  it('gives the second hello that follows a HelloRetryRequest in the same stream', () => {
    const second = longHello(300)
    const rest = packet(cryptoFrame(HELLO.length, second), { packetNumber: 1 })
    expect(read([packet(WHOLE), rest])).toEqual(giving(HELLO, second))
    expect(read([packet(cryptoFrame(0, concat(HELLO, second)))])).toEqual(giving(HELLO, second))
    expect(read([rest, packet(WHOLE)])).toEqual(giving(HELLO, second))
  })

  it('lets the first bytes win over ones that contradict them, and says so', () => {
    const forged = HELLO.slice()
    forged[50] = (forged[50] as number) ^ 1
    const datagrams = [packet(cryptoFrame(0, HELLO.subarray(0, 100))), packet(cryptoFrame(0, forged))]
    expect(read(datagrams)).toEqual({ messages: [toHex(HELLO)], skips: ['contradiction'] })
  })

  it('says why a verified packet gives nothing', () => {
    const skipsOf = (frames: Uint8Array, rest?: Omit<InitialPacket, 'frames'>) =>
      read([packet(frames, rest)]).skips
    const padded = (...bytes: readonly number[]) => concat(new Uint8Array(10), Uint8Array.from(bytes))
    expect(skipsOf(WHOLE, { reservedBits: 1 })).toEqual(['malformed-frames'])
    expect(skipsOf(WHOLE.subarray(0, -1))).toEqual(['malformed-frames'])
    // STREAM, a PING in two bytes, a CRYPTO without length, an ACK that promises 2^30 ranges, a close of the application
    for (const bad of [
      [8, 0, 0],
      [0x40, 1],
      [6, 0],
      [2, 0, 0, 0xbf, 255, 255, 255, 0],
      [0x1d, 0, 0, 0],
    ])
      expect(skipsOf(padded(...bad))).toEqual(['malformed-frames'])
    expect(skipsOf(cryptoFrame(65_536, Uint8Array.of(1)))).toEqual(['too-large'])
    expect(skipsOf(cryptoFrame(2 ** 53, HELLO))).toEqual(['too-large'])
    expect(skipsOf(cryptoFrame(0, fromHex('0100fffd')))).toEqual(['too-large'])
    expect(skipsOf(cryptoFrame(0, fromHex('02000001')))).toEqual(['not-client-hello'])
  })

  it('takes a message of 64 KiB, its header included', () => {
    const hello = longHello(65_536)
    const datagrams = Array.from({ length: 64 }, (_, i) =>
      packet(cryptoFrame(i * 1024, hello.subarray(i * 1024, (i + 1) * 1024)), { packetNumber: i }),
    )
    expect(read(datagrams.toReversed())).toEqual(giving(hello))
  })

  it('reads nothing more of an attempt that sends some other message', () => {
    const hellos = new QuicHellos()
    read([packet(cryptoFrame(0, fromHex('02000001')))], hellos)
    expect(read([packet(WHOLE, { packetNumber: 1 })], hellos)).toEqual(giving())
    expect(hellos.pending).toBe(0)
    expect(hellos.heldBytes).toBe(0)
  })

  it('names versions that it cannot read, and passes over everything else', () => {
    const withVersion = (version: string) => concat(fromHex(`c0${version}`), new Uint8Array(40))
    expect(read([withVersion('ff00001d'), withVersion('1a2a3a4a')]).skips).toEqual([
      'unsupported-version',
      'unsupported-version',
    ])
    const negotiation = withVersion('00000000')
    const retry = concat(fromHex('f000000001'), new Uint8Array(40))
    const dns = fromHex('123401000001000000000000076578616d706c6503636f6d0000010001')
    const rtp = fromHex('8060000100000001deadbeef00')
    expect(read([EMPTY, negotiation, retry, dns, rtp, Uint8Array.of(0xc0)])).toEqual(giving())
  })

  it('keeps a bounded number of flows and bytes, the newest ones, and counts what it gave up', () => {
    const hellos = new QuicHellos({ maxFlows: 50, maxHeldBytes: 64 * 1024 })
    const half = packet(cryptoFrame(0, HELLO.subarray(0, 100)))
    for (let flow = 0; flow < 500; flow++) hellos.datagram(flow, half)
    expect(hellos.heldBytes).toBeLessThanOrEqual(64 * 1024)
    expect(hellos.pending).toBeLessThanOrEqual(50)
    expect(hellos.evicted + hellos.pending).toBe(500)
    const rest = packet(cryptoFrame(100, HELLO.subarray(100)), { packetNumber: 1 })
    expect(hellos.datagram(499, rest).messages).toHaveLength(1)
    expect(hellos.datagram(0, rest).messages).toHaveLength(0)
  })
})
