import { describe, expect, it } from 'vitest'
import { concat, u16 } from '../../../src/lib/core/index.ts'
import { FirstFlight } from '../../../src/lib/tls/live/first-flight.ts'

/** Longest first flight, bytes. */
const MOST = 65_536

/** A record of a hello that goes on for a while. */
const START = concat(Uint8Array.of(22, 3, 1), u16(10), Uint8Array.of(1, 0, 0x40, 0), new Uint8Array(6))

function stepOf(pieces: readonly Uint8Array[]): string {
  const flight = new FirstFlight()
  for (const piece of pieces) {
    const step = flight.push(piece)
    if (step.step !== 'more') return step.step === 'fault' ? step.fault : step.step
  }
  return 'more'
}

describe('a first flight that is both broken and too long', () => {
  const broken = concat(START, Uint8Array.of(99, 3, 1, 0, 1, 0))

  it('is broken, whether it comes in one piece or in many', () => {
    const bytes = concat(broken, new Uint8Array(MOST))
    expect(stepOf([bytes])).toBe('malformed-record')
    expect(stepOf([bytes.subarray(0, 100), bytes.subarray(100)])).toBe('malformed-record')
  })

  it('is too long when it breaks beyond the limit', () => {
    const record = concat(Uint8Array.of(22, 3, 1), u16(1), Uint8Array.of(0))
    const bytes = concat(START, ...Array.from({ length: 12_000 }, () => record), broken.subarray(-6))
    expect(bytes.length).toBeGreaterThan(MOST)
    expect(stepOf([bytes])).toBe('too-large')
    expect(stepOf([bytes.subarray(0, MOST), bytes.subarray(MOST)])).toBe('too-large')
  })
})
