import { describe, expect, it } from 'vitest'
import { type RandomSource, SeededRandom, toHex, uniformInt, uniformReal } from '../../src/lib/core/index.ts'

/** 99.9 % points of chi-square; three tests share the file, each fails by chance once in a thousand seeds. */
const CHI_SQUARE_999 = { 9: 27.88, 255: 330.52 } as const

function chiSquare(counts: readonly number[], expected: number): number {
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0)
}

function fixed(...words: readonly string[]): RandomSource & { readonly used: () => number } {
  let at = 0
  return { bytes: () => new Uint8Array(Buffer.from(words[at++] as string, 'hex')), used: () => at }
}

describe('uniform integers', () => {
  it('draws again rather than favour the low values', () => {
    // 2^32 = 715,827,882 * 6 + 4: the top four words would make 0..3 likelier.
    const random = fixed('ffffffff', 'fffffffc', 'fffffffb')
    expect(uniformInt(random, 1, 6)).toBe(6)
    expect(random.used()).toBe(3)
  })

  it('covers its whole range with equal frequency', () => {
    const random = new SeededRandom(1)
    const counts = new Array<number>(10).fill(0)
    for (let i = 0; i < 50_000; i++) {
      const value = uniformInt(random, -3, 6)
      counts[value + 3] = (counts[value + 3] as number) + 1
    }
    expect(chiSquare(counts, 5_000)).toBeLessThan(CHI_SQUARE_999[9])
  })

  it('takes the largest range whole and refuses what is none', () => {
    expect(uniformInt(fixed('ffffffff'), 0, 0xffffffff)).toBe(0xffffffff)
    expect(uniformInt(fixed('12345678'), 5, 5)).toBe(5)
    for (const [min, max] of [
      [1, 0],
      [0, 0x100000000],
      [0, Number.NaN],
    ] as const)
      expect(() => uniformInt(new SeededRandom(1), min, max)).toThrow(RangeError)
  })

  it('makes reals from the lower bound to below the upper', () => {
    expect(uniformReal(fixed('00000000'), 10, 60)).toBe(10)
    expect(uniformReal(fixed('ffffffff'), 10, 60)).toBeLessThan(60)
    expect(uniformReal(fixed('80000000'), 10, 60)).toBe(35)
  })
})

describe('the seeded source', () => {
  it('repeats itself for a seed and differs between seeds', () => {
    const drawn = (seed: number): string => toHex(new SeededRandom(seed).bytes(33))
    expect(drawn(42)).toBe(drawn(42))
    expect(new Set(Array.from({ length: 200 }, (_, seed) => drawn(seed))).size).toBe(200)
  })

  it('gives bytes of equal frequency', () => {
    const counts = new Array<number>(256).fill(0)
    for (const byte of new SeededRandom(3).bytes(256 * 400)) counts[byte] = (counts[byte] as number) + 1
    expect(chiSquare(counts, 400)).toBeLessThan(CHI_SQUARE_999[255])
  })

  it('draws below a bound and true with a probability', () => {
    const random = new SeededRandom(9)
    const counts = new Array<number>(10).fill(0)
    let truths = 0
    for (let i = 0; i < 50_000; i++) {
      const value = random.below(10)
      counts[value] = (counts[value] as number) + 1
      if (random.chance(0.25)) truths++
    }
    expect(chiSquare(counts, 5_000)).toBeLessThan(CHI_SQUARE_999[9])
    expect(truths).toBeGreaterThan(12_500 - 330)
    expect(truths).toBeLessThan(12_500 + 330)
  })
})
