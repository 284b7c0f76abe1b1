import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PATTERN_BYTES } from '../../../src/lib/htx/bench/constants.ts'
import { PatternCheck, PatternSource } from '../../../src/lib/htx/bench/pattern.ts'

const FRAME = 65_531
const FRAMES = 8

/** Frames as a sender would cut them, each a copy that a test may damage. */
function frames(): Uint8Array[] {
  const source = new PatternSource()
  return Array.from({ length: FRAMES }, () => source.next(FRAME).slice())
}

function check(chunks: readonly Uint8Array[]): number {
  const pattern = new PatternCheck()
  for (const chunk of chunks) pattern.check(chunk)
  return pattern.bytes
}

const frameIndex = fc.integer({ min: 0, max: FRAMES - 1 })

describe('the pattern of bulk measurements', () => {
  it('has a period that is prime', () => {
    const divisors = Array.from({ length: Math.floor(Math.sqrt(PATTERN_BYTES)) - 1 }, (_, i) => i + 2)
    expect(divisors.filter((divisor) => PATTERN_BYTES % divisor === 0)).toEqual([])
  })

  it('is recognised however it is cut', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 300_000 }), { maxLength: 20 }), (sizes) => {
        const whole = Buffer.concat(frames())
        const chunks: Uint8Array[] = []
        let at = 0
        for (const size of sizes) {
          chunks.push(whole.subarray(at, at + size))
          at += size
        }
        expect(check(chunks)).toBe(Math.min(at, whole.length))
      }),
      { numRuns: 50 },
    )
  })

  it('shows a changed bit, and says where', () => {
    fc.assert(
      fc.property(
        frameIndex,
        fc.integer({ min: 0, max: FRAME - 1 }),
        fc.integer({ min: 0, max: 7 }),
        (index, offset, bit) => {
          const damaged = frames()
          const frame = damaged[index] as Uint8Array
          frame[offset] = (frame[offset] as number) ^ (1 << bit)
          expect(() => check(damaged)).toThrow(`byte ${index * FRAME + offset} of the stream`)
        },
      ),
      { numRuns: 50 },
    )
  })

  it('shows a frame that is lost, doubled or swapped with another', () => {
    fc.assert(
      fc.property(frameIndex, frameIndex, (a, b) => {
        fc.pre(a < b)
        const sent = frames()
        expect(() => check(sent.toSpliced(a, 1))).toThrow('is not the one that was sent')
        expect(() => check(sent.toSpliced(a, 0, sent[a] as Uint8Array))).toThrow()
        const swapped = sent.with(a, sent[b] as Uint8Array).with(b, sent[a] as Uint8Array)
        expect(() => check(swapped)).toThrow()
      }),
    )
  })
})
