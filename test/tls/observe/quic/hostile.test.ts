import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, toHex } from '../../../../src/lib/core/index.ts'
import { QuicHellos, type QuicOutcome } from '../../../../src/lib/tls/index.ts'
import { cryptoFrame, type InitialPacket, quicSamples, sealInitial } from '../../../support/quic-initial.ts'

const LIMITS = { maxFlows: 64, maxHeldBytes: 512 * 1024 }
const HELLO = Buffer.from(quicSamples(9001).client.frames.slice(8), 'hex')
const SKIPS = new Set([
  'unsupported-version',
  'malformed-header',
  'different-connection-id',
  'too-many-packets',
  'from-server',
  'undecryptable',
  'malformed-frames',
  'contradiction',
  'too-large',
  'not-client-hello',
])

/** Every outcome is a list of messages that begin with their own length, and of known reasons. */
function expectTyped({ messages, skips }: QuicOutcome): void {
  for (const message of messages)
    expect(toHex(message.subarray(0, 4))).toBe(`01${(message.length - 4).toString(16).padStart(6, '0')}`)
  for (const skip of skips) expect(SKIPS).toContain(skip)
}

/** Pieces of the hello that cover it, each in a packet of its own; then any packets again, in any order. */
const arrivals = fc
  .tuple(fc.uniqueArray(fc.integer({ min: 1, max: HELLO.length - 1 }), { maxLength: 12 }), fc.nat(30))
  .map(([cuts, overlap]) => {
    const edges = [0, ...cuts.toSorted((a, b) => a - b), HELLO.length]
    return edges.slice(1).map((end, i) => {
      const start = Math.max(0, (edges[i] as number) - overlap)
      const frames = concat(cryptoFrame(start, HELLO.subarray(start, end)), new Uint8Array(16))
      return sealInitial({ packetNumber: i, packetNumberBytes: 2, frames })
    })
  })
  .chain((packets) =>
    fc
      .tuple(
        fc.array(fc.nat(packets.length - 1), { maxLength: 12 }),
        fc.shuffledSubarray(packets, { minLength: packets.length }),
        fc.array(fc.nat(packets.length - 1), { maxLength: 12 }),
      )
      .map(([before, all, after]) => [
        ...before.map((i) => packets[i] as Uint8Array),
        ...all,
        ...after.map((i) => packets[i] as Uint8Array),
      ]),
  )

/** Bytes that look like frames often enough to be parsed deep, and are none. */
const strangeFrames = fc
  .array(
    fc.oneof(
      fc
        .constantFrom(0x00, 0x01, 0x02, 0x03, 0x06, 0x1c, 0x40, 0x80, 0xc0, 0xff)
        .map((b) => Uint8Array.of(b)),
      fc.uint8Array({ maxLength: 20 }),
      fc
        .tuple(fc.oneof(fc.nat(300), fc.nat(70_000), fc.constant(2 ** 53)), fc.uint8Array({ maxLength: 60 }))
        .map(([offset, data]) => cryptoFrame(offset, data)),
      fc.nat(200).map((at) => cryptoFrame(at, HELLO.subarray(at))),
      fc.uint8Array({ minLength: 1, maxLength: 60 }).map((data) => cryptoFrame(0, data)),
    ),
    { maxLength: 12 },
  )
  .map((parts) => concat(...parts, new Uint8Array(16)))

const strangePacket: fc.Arbitrary<InitialPacket> = fc.record({
  version: fc.constantFrom(1, 2),
  destinationId: fc.oneof(
    { weight: 9, arbitrary: fc.uint8Array({ maxLength: 20 }) },
    { weight: 1, arbitrary: fc.uint8Array({ minLength: 21, maxLength: 22 }) },
  ),
  sourceId: fc.uint8Array({ maxLength: 2 }),
  packetNumber: fc.oneof({ weight: 4, arbitrary: fc.nat(200) }, { weight: 1, arbitrary: fc.nat(0xffffffff) }),
  packetNumberBytes: fc.constantFrom(1, 2, 3, 4),
  reservedBits: fc.constantFrom(0, 0, 0, 1),
  frames: strangeFrames,
})

interface Mutation {
  readonly at: number
  readonly value: number
  readonly cut: number
}

const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.record({
    at: fc.nat(1300),
    value: fc.nat(255),
    cut: fc.oneof({ weight: 9, arbitrary: fc.constant(0) }, { weight: 1, arbitrary: fc.nat(1300) }),
  }),
  { minLength: 1, maxLength: 4 },
)

function mutate(datagram: Uint8Array, changes: readonly Mutation[]): Uint8Array {
  let out = new Uint8Array(datagram)
  for (const { at, value, cut } of changes) {
    // The header decides most, so half of the changes fall there.
    const place = value % 2 === 0 ? at % Math.min(30, out.length) : at % out.length
    out[place] = value
    if (cut > 0) out = out.subarray(0, Math.max(1, out.length - cut))
  }
  return out
}

describe('hostile QUIC', () => {
  it('gives one hello, the right one, whatever the order, doubling and overlap of its packets', () => {
    fc.assert(
      fc.property(arrivals, (datagrams) => {
        const hellos = new QuicHellos()
        const outcomes = datagrams.map((datagram) => hellos.datagram('flow', datagram))
        expect(outcomes.flatMap(({ messages }) => messages.map(toHex))).toEqual([toHex(HELLO)])
        expect(outcomes.flatMap(({ skips }) => skips)).toEqual([])
        expect(hellos.heldBytes).toBe(0)
      }),
      { numRuns: 300 },
    )
  })

  it('gives no hello for a datagram cut at any byte', () => {
    for (const rfc of [9001, 9369] as const) {
      const datagram = Buffer.from(quicSamples(rfc).client.packet, 'hex')
      for (let length = 0; length < datagram.length; length++) {
        const outcome = new QuicHellos().datagram('flow', datagram.subarray(0, length))
        expect(outcome.messages).toEqual([])
        expect(outcome.skips).toEqual(length < 5 ? [] : ['malformed-header'])
      }
    }
  })

  it('stays typed and bounded over 20,000 changed datagrams', () => {
    const originals = [9001, 9369].flatMap((rfc) => {
      const { client, server } = quicSamples(rfc as 9001 | 9369)
      return [client.packet, server.packet].map((packet) => Buffer.from(packet, 'hex'))
    })
    const hellos = new QuicHellos(LIMITS)
    let undecryptable = 0
    fc.assert(
      fc.property(fc.constantFrom(...originals), mutations, fc.nat(500), (original, changes, flow) => {
        const outcome = hellos.datagram(flow, mutate(original, changes))
        expectTyped(outcome)
        if (outcome.skips.includes('undecryptable')) undecryptable++
        expect(hellos.heldBytes).toBeLessThanOrEqual(LIMITS.maxHeldBytes)
      }),
      { numRuns: 20_000 },
    )
    expect(undecryptable).toBeGreaterThan(5_000)
  })

  it('stays typed and bounded over packets that verify and hold anything', () => {
    const hellos = new QuicHellos(LIMITS)
    const seen = new Set<string>()
    fc.assert(
      fc.property(strangePacket, fc.nat(300), (packet, flow) => {
        const outcome = hellos.datagram(flow, sealInitial(packet))
        expectTyped(outcome)
        for (const skip of outcome.skips) seen.add(skip)
        expect(hellos.heldBytes).toBeLessThanOrEqual(LIMITS.maxHeldBytes)
      }),
      { numRuns: 5_000 },
    )
    for (const skip of [
      'malformed-header',
      'malformed-frames',
      'contradiction',
      'too-large',
      'not-client-hello',
    ])
      expect(seen).toContain(skip)
  })

  it('spends bounded time on the largest datagram of packets that do not verify', () => {
    const hellos = new QuicHellos()
    const half = cryptoFrame(0, HELLO.subarray(0, 100))
    for (let id = 0; id < 4; id++)
      hellos.datagram('flow', sealInitial({ destinationId: new Uint8Array(8).fill(id), frames: half }))
    const forged = sealInitial({ frames: new Uint8Array(4000) })
    forged[forged.length - 1] = (forged[forged.length - 1] as number) ^ 1
    const largest = concat(...Array.from({ length: 16 }, () => forged))
    const startedAt = performance.now()
    for (let i = 0; i < 100; i++)
      expect(hellos.datagram('flow', largest).skips).toEqual(new Array(16).fill('undecryptable'))
    const perDatagramMs = (performance.now() - startedAt) / 100
    expect(perDatagramMs).toBeLessThan(100)
  })
})
