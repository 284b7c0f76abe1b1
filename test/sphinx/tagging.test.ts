/** Attackers who touch packets on their way learn nothing and get nothing through. */
import { describe, expect, test } from 'vitest'
import { concat, SeededRandom } from '../../src/lib/core/index.ts'
import { createPacket, type MixKey, makeGeometry, unwrap } from '../../src/lib/sphinx/index.ts'
import { ALL_FORMATS, flipBit, makePath, packetsOf, travel } from './network.ts'

/** Small payloads, so that every bit can be tried. */
const PAYLOAD_BYTES = 64

describe.each(ALL_FORMATS)('a packet of $format with $prf', ({ format, prf }) => {
  const geometry = makeGeometry({ format, prf, payloadBytes: PAYLOAD_BYTES })
  const random = new SeededRandom(41)
  const way = makePath({ random, hops: 3 })
  const packet = createPacket(geometry, way.path, random.bytes(PAYLOAD_BYTES), random)

  test.each([0, 1, 2])('is dropped at hop %i when any one bit of its header is flipped', (hop) => {
    const at = packetsOf(geometry, way, packet)[hop] as Uint8Array
    const answers = new Map<string, number>()
    // Every bit at the first hop; at the others each eleventh, which meets every part of the header too.
    for (let bit = 0; bit < geometry.headerBytes * 8; bit += hop === 0 ? 1 : 11) {
      const unwrapped = unwrap(geometry, way.keys[hop] as MixKey, flipBit(at, bit))
      const answer = unwrapped.kind === 'drop' ? unwrapped.reason : unwrapped.kind
      answers.set(answer, (answers.get(answer) ?? 0) + 1)
      if (unwrapped.kind === 'drop') expect(unwrapped.replayTag).toBeUndefined()
    }
    expect([...answers.keys()].sort()).toEqual(['bad_mac', 'unknown_version'])
    expect(answers.get('unknown_version')).toBe(hop === 0 ? 16 : 2)
  })

  test.each([0, 1, 2])(
    'is rejected at its end when any one bit of its payload is flipped before hop %i',
    (hop) => {
      const at = packetsOf(geometry, way, packet)[hop] as Uint8Array
      const rest = { ...way, keys: way.keys.slice(hop) }
      for (let bit = geometry.headerBytes * 8; bit < geometry.packetBytes * 8; bit += hop === 0 ? 1 : 11) {
        const { hop: last, unwrapped } = travel(geometry, rest, flipBit(at, bit))
        expect(last).toBe(rest.keys.length - 1)
        expect(unwrapped).toMatchObject({ kind: 'drop', reason: 'bad_payload_tag' })
        // The header was good, so that it may not come a second time with the right payload.
        if (unwrapped.kind === 'drop') expect(unwrapped.replayTag).toHaveLength(32)
      }
    },
  )

  test('is rejected with the payload of another packet on the same path', () => {
    const other = createPacket(geometry, way.path, random.bytes(PAYLOAD_BYTES), random)
    const { headerBytes } = geometry
    for (const [head, body] of [
      [packet, other],
      [other, packet],
    ] as const) {
      const swapped = concat(head.subarray(0, headerBytes), body.subarray(headerBytes))
      expect(travel(geometry, way, swapped)).toMatchObject({
        hop: 2,
        unwrapped: { kind: 'drop', reason: 'bad_payload_tag' },
      })
    }
  })

  test('is dropped by every node but the one it is for', () => {
    const other = makePath({ random, hops: 1 }).keys[0] as MixKey
    expect(unwrap(geometry, other, packet)).toEqual({ kind: 'drop', reason: 'bad_mac' })
    expect(unwrap(geometry, way.keys[1] as MixKey, packet)).toEqual({ kind: 'drop', reason: 'bad_mac' })
  })
})

describe('a flipped bit of the payload', () => {
  /** Share of the bits behind the header that differ at the next hop. */
  function changed(a: Uint8Array, b: Uint8Array, from: number): number {
    let ones = 0
    for (let i = from; i < a.length; i++) {
      let x = (a[i] as number) ^ (b[i] as number)
      for (; x !== 0; x &= x - 1) ones++
    }
    return ones / ((a.length - from) * 8)
  }

  test('changes half of all bits of the payload, wherever it is', () => {
    const geometry = makeGeometry()
    const random = new SeededRandom(42)
    const way = makePath({ random, hops: 2 })
    const packet = createPacket(geometry, way.path, random.bytes(geometry.payloadBytes), random)
    const first = way.keys[0] as MixKey
    const plain = unwrap(geometry, first, packet)
    if (plain.kind !== 'forward') throw new Error(plain.kind)
    const { headerBytes, packetBytes } = geometry
    const shares: number[] = []
    for (let bit = headerBytes * 8; bit < packetBytes * 8; bit += 263) {
      const flipped = unwrap(geometry, first, flipBit(packet, bit))
      if (flipped.kind === 'forward') shares.push(changed(plain.packet, flipped.packet, headerBytes))
    }
    expect(shares).toHaveLength(50)
    const mean = shares.reduce((sum, share) => sum + share, 0) / shares.length
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.01)
    // A bit that stayed local, as in a stream cipher, would change a handful of bits. Here each single flip has a standard
    // deviation of 0.0044, and 50 of them stay within six.
    for (const share of shares) expect(Math.abs(share - 0.5)).toBeLessThan(6 * 0.0044)
  })

  test('stays where it is when the cipher is a stream, which the measure shows', () => {
    const random = new SeededRandom(43)
    const sealed = random.bytes(1640)
    expect(changed(sealed, flipBit(sealed, 5000), 0)).toBeLessThan(0.01)
  })
})
