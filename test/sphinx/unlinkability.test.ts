/** Packets look like coin tosses, and nothing of what enters a node leaves it. Seeds are fixed; the long run is nightly. */
import { describe, expect, test } from 'vitest'
import { concat, type RandomSource } from '../../src/lib/core/index.ts'
import { makeGeometry } from '../../src/lib/sphinx/index.ts'
import { pathLengthProblems } from '../support/mix-nightly/path-length.ts'
import { unlinkabilityProblems } from '../support/mix-nightly/unlinkability.ts'
import { ALL_FORMATS } from './network.ts'

const ALPHA = 1e-3

describe.each(ALL_FORMATS)('input and output of a node of $format with $prf', ({ format, prf }) => {
  test('have no byte in common but by chance, and are one stream of coin tosses', () => {
    const geometry = makeGeometry({ format, prf })
    expect(unlinkabilityProblems({ geometry, packets: 400, seed: 61, alpha: ALPHA })).toEqual([])
  })
})

describe('the same measure', () => {
  const geometry = makeGeometry()
  const packets = 200

  test('sees a node that leaves the payload as it is', () => {
    const { headerBytes } = geometry
    const relay = (packet: Uint8Array): Uint8Array => {
      const output = packet.map((byte) => byte ^ 0xa5)
      output.set(packet.subarray(headerBytes), headerBytes)
      return output
    }
    const problems = unlinkabilityProblems({ geometry, packets, seed: 62, alpha: ALPHA, relay })
    expect(problems.filter((problem) => problem.startsWith('offset'))).not.toEqual([])
    expect(problems.some((problem) => problem.startsWith(`offset ${headerBytes}:`))).toBe(true)
  })

  test('sees one byte that stays', () => {
    const relay = (packet: Uint8Array): Uint8Array => {
      const output = packet.toReversed()
      output[1000] = packet[1000] as number
      return output
    }
    const problems = unlinkabilityProblems({ geometry, packets, seed: 63, alpha: ALPHA, relay })
    expect(problems.filter((problem) => problem.startsWith('offset'))).toEqual([
      `offset 1000: ${packets} of ${packets} bytes stay`,
    ])
  })

  test('sees a packet that grows', () => {
    const relay = (packet: Uint8Array): Uint8Array => concat(packet.toReversed(), Uint8Array.of(0))
    expect(unlinkabilityProblems({ geometry, packets: 1, seed: 64, alpha: ALPHA, relay })).toContain(
      'packet 0 comes out with 2049 bytes',
    )
  })

  test('sees more ones than zeros, and pairs that are too frequent', () => {
    const biased = (packet: Uint8Array): Uint8Array =>
      packet.toReversed().map((byte, at) => (at % 16 === 0 ? byte | 1 : byte))
    expect(unlinkabilityProblems({ geometry, packets, seed: 65, alpha: ALPHA, relay: biased })).toContain(
      'there are more ones than zeros, or fewer',
    )
    // As many ones as zeros, but bits in couples.
    const paired = (packet: Uint8Array): Uint8Array =>
      packet.toReversed().map((byte, at) => (at % 16 === 0 ? (byte & 0x55) * 3 : byte))
    expect(unlinkabilityProblems({ geometry, packets, seed: 66, alpha: ALPHA, relay: paired })).toContain(
      'pairs of bits are not equally frequent',
    )
  })
})

describe.each(ALL_FORMATS)('the last hop of $format with $prf', ({ format, prf }) => {
  const geometry = makeGeometry({ format, prf, hops: 5, payloadBytes: 64 })

  test('does not see how many hops were before it', () => {
    expect(pathLengthProblems({ geometry, packets: 40, seed: 67, alpha: ALPHA })).toEqual([])
  })

  test('would see it if unused slots were zeros, as in the first Sphinx', () => {
    /** Random but for the padding, which is the only thing longer than a key. */
    const source = (random: RandomSource): RandomSource => ({
      bytes: (length) => (length > 64 ? new Uint8Array(length) : random.bytes(length)),
    })
    const problems = pathLengthProblems({ geometry, packets: 10, seed: 68, alpha: ALPHA, source })
    for (const hops of [1, 2, 3, 4])
      expect(problems.some((problem) => problem.startsWith(`${hops} hops`))).toBe(true)
    expect(problems.some((problem) => problem.startsWith('5 hops'))).toBe(false)
  })
})
