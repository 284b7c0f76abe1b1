import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { fromHex, type RandomSource, SeededRandom, toHex, u64 } from '../../../src/lib/core/index.ts'
import {
  exponentialUs,
  negativeLog,
  sampleDelayMs,
  sampleExponential,
} from '../../../src/lib/mix/delay/exponential.ts'
import { delayOf, drawnDelayUs } from '../../../src/lib/mix/delay/mode.ts'
import { judge } from '../../support/judge.ts'
import { kolmogorovTail } from '../../support/two-sample.ts'

/** Computes with 60 decimal digits what the engine computes with 16. */
const PYTHON = `
import sys, hmac, hashlib
from decimal import Decimal, getcontext, ROUND_FLOOR
getcontext().prec = 60
def microseconds(z, mean):
    n = int.from_bytes(z[:8], 'big') >> 11
    u = (Decimal(n) + Decimal('0.5')) / Decimal(2**53)
    e = min(-u.ln(), Decimal(10**12).ln())
    return int((e * mean + Decimal('0.5')).to_integral_value(rounding=ROUND_FLOOR))
for line in sys.stdin:
    kind, mean, *parts = line.split()
    parts = [bytes.fromhex(p) for p in parts]
    z = parts[0] if kind == 'z' else hmac.new(parts[0], parts[1], hashlib.sha256).digest()
    print(microseconds(z, int(mean)))
`

function pythonDelays(lines: readonly string[]): number[] | undefined {
  if (judge('python3') === undefined) return undefined
  const { stdout, stderr, status } = spawnSync('python3', ['-c', PYTHON], {
    input: lines.join('\n'),
    encoding: 'utf8',
  })
  expect(stderr).toBe('')
  expect(status).toBe(0)
  return stdout.trim().split('\n').map(Number)
}

/** The bytes of which the first 53 bits are `n`. */
function bytesOf(n: bigint): Uint8Array {
  return u64(n << 11n)
}

const EDGES = [
  ...[0n, 1n, 2n, 3n],
  ...[20n, 21n, 31n, 32n, 51n, 52n].flatMap((k) => [(1n << k) - 1n, 1n << k, (1n << k) + 1n]),
  // Both sides of sqrt(1/2), where the series changes its argument.
  ...[6369051672525772n, 6369051672525773n, 6369051672525774n],
  (1n << 53n) - 2n,
  (1n << 53n) - 1n,
]

describe('exponential delays', () => {
  it('agree with arithmetic of sixty digits to the microsecond, at the edges and at random', () => {
    const random = new SeededRandom(11)
    const inputs = [...EDGES.map(bytesOf), ...Array.from({ length: 2_000 }, () => random.bytes(8))]
    const means = [33_000, 1_000, 15_000, 4_000_000]
    const lines = inputs.flatMap((bytes) => means.map((mean) => `z ${mean} ${toHex(bytes)}`))
    const expected = pythonDelays(lines)
    if (expected === undefined) return
    const got = inputs.flatMap((bytes) => means.map((mean) => exponentialUs(bytes, mean)))
    const apart = got.map((value, i) => Math.abs(value - (expected[i] as number)))
    expect(Math.max(...apart)).toBeLessThanOrEqual(1)
    // Only a tie of the rounding may tell the two apart: practically never.
    expect(apart.filter((difference) => difference > 0).length).toBeLessThanOrEqual(1)
  })

  it('come from a logarithm within two units of the last place of the engine', () => {
    const random = new SeededRandom(12)
    for (let i = 0; i < 20_000; i++) {
      const [high, low] = [random.uint32() >>> random.below(32), random.uint32() >>> 11]
      const u = (high * 2 ** 21 + low + 0.5) / 2 ** 53
      const expected = -Math.log(u)
      expect(Math.abs(negativeLog(high, low) - expected)).toBeLessThanOrEqual(
        2 * Number.EPSILON * Math.max(1, expected),
      )
    }
  })

  it('end at the quantile 1 - 1e-12', () => {
    expect(exponentialUs(bytesOf(0n), 33_000)).toBe(Math.round(Math.log(1e12) * 33_000))
    const zeros: RandomSource = { bytes: (length) => new Uint8Array(length) }
    expect(sampleExponential(zeros, 1)).toBeCloseTo(Math.log(1e12), 12)
  })

  it('are distributed as they should be: Kolmogorov and Smirnov, and a control of another mean that fails', () => {
    const random = new SeededRandom(13)
    const sample = Float64Array.from({ length: 100_000 }, () => sampleExponential(random, 33)).toSorted()
    const distance = (mean: number): number =>
      sample.reduce((most, x, i) => {
        const f = 1 - Math.exp(-x / mean)
        return Math.max(most, f - i / sample.length, (i + 1) / sample.length - f)
      }, 0)
    const p = (mean: number): number => kolmogorovTail(distance(mean) * Math.sqrt(sample.length))
    expect(p(33)).toBeGreaterThan(0.01)
    expect(p(33 * 1.02)).toBeLessThan(0.001)
  })

  it('are whole milliseconds in a command, and at least one', () => {
    const ones: RandomSource = { bytes: (length) => new Uint8Array(length).fill(0xff) }
    expect(sampleDelayMs(ones, 33)).toBe(1)
    const random = new SeededRandom(14)
    for (let i = 0; i < 1_000; i++) {
      const ms = sampleDelayMs(random, 5)
      expect(Number.isSafeInteger(ms) && ms >= 1).toBe(true)
    }
  })
})

describe('the delay of a packet', () => {
  const beta = Uint8Array.from({ length: 64 }, (_, i) => i)
  const tau = Uint8Array.from({ length: 32 }, (_, i) => 255 - i)

  it('drawn by a mix is HMAC and logarithm as anyone computes them', () => {
    const random = new SeededRandom(15)
    const pairs = Array.from({ length: 300 }, () => [random.bytes(64), random.bytes(32)] as const)
    const expected = pythonDelays(pairs.map(([b, t]) => `h 33000 ${toHex(b)} ${toHex(t)}`))
    if (expected === undefined) return
    expect(pairs.map(([b, t]) => drawnDelayUs(b, t, 33_000))).toEqual(expected)
  })

  it('is the command, the draw, or their sum', () => {
    const drawn = drawnDelayUs(beta, tau, 33_000)
    expect(delayOf('sender', 40, beta, tau, 33_000)).toBe(40_000)
    expect(delayOf('vrf', 40, beta, tau, 33_000)).toBe(drawn)
    expect(delayOf('hybrid', 40, beta, tau, 33_000)).toBe(40_000 + drawn)
  })

  it('is at least a millisecond where the sender alone decides', () => {
    expect(delayOf('sender', 0, beta, tau, 33_000)).toBe(1_000)
  })

  it.each(['', '00'.repeat(63), '00'.repeat(65)])('needs a whole seed', (seed) => {
    expect(() => drawnDelayUs(fromHex(seed), tau, 33_000)).toThrow(
      expect.objectContaining({ code: 'E_CRYPTO' }),
    )
  })

  it('needs a whole secret of the packet', () => {
    expect(() => drawnDelayUs(beta, tau.subarray(1), 33_000)).toThrow(/32/)
  })
})
