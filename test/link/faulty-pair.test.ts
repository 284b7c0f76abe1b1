import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom } from '../../src/lib/core/index.ts'
import { type Faults, faultyPair } from '../../src/lib/link/index.ts'
import { Recorder } from './recorder.ts'

interface Simulation {
  readonly clock: ManualClock
  readonly first: Recorder
  readonly second: Recorder
}

function simulate(seed: number, there: Faults, back?: Faults): Simulation {
  const clock = new ManualClock()
  const random = new SeededRandom(seed)
  const [one, two] = faultyPair({ random, clock, there, ...(back === undefined ? {} : { back }) })
  return { clock, first: Recorder.attach(one), second: Recorder.attach(two) }
}

/** Lets simulated time pass until nothing is left to happen; fails instead of going on for ever. */
function runDry(clock: ManualClock, limitMs = 10_000_000): void {
  for (let next = clock.nextTimerAt(); next !== undefined; next = clock.nextTimerAt()) {
    if (next > limitMs) throw new Error('the simulation does not end')
    clock.advance(next - clock.now())
  }
}

const faults: fc.Arbitrary<Faults> = fc.record(
  {
    chunkBytes: fc.record({ min: fc.integer({ min: 1, max: 50 }), max: fc.integer({ min: 50, max: 5000 }) }),
    singleByteChance: fc.double({ min: 0, max: 1, noNaN: true }),
    latencyMs: fc.integer({ min: 0, max: 500 }),
    jitterMs: fc.integer({ min: 0, max: 500 }),
    bytesPerSecond: fc.integer({ min: 1000, max: 10_000_000 }),
    stallChance: fc.double({ min: 0, max: 0.5, noNaN: true }),
    stallMs: fc.integer({ min: 0, max: 1000 }),
    windowBytes: fc.integer({ min: 1, max: 100_000 }),
  },
  { requiredKeys: [] },
)

describe('a faulty pair', () => {
  it('delivers every byte once and in order, whatever it does to time and chunks', () => {
    fc.assert(
      fc.property(fc.nat(), faults, faults, fc.integer({ min: 1, max: 6000 }), (seed, there, back, size) => {
        const { clock, first, second } = simulate(seed, there, back)
        const sent = new SeededRandom(seed + 1).bytes(size)
        first.write(sent.subarray(0, size >> 1), sent.subarray(size >> 1))
        second.write(sent)
        for (const side of [first, second]) side.call(() => side.link.end())
        runDry(clock)
        expect(first.received()).toEqual(sent)
        expect(second.received()).toEqual(sent)
        expect([first.closes, second.closes]).toEqual([[undefined], [undefined]])
        expect([...first.violations, ...second.violations]).toEqual([])
      }),
      { numRuns: 300 },
    )
  })

  it('does the same again with the same seed, and something else with another', () => {
    const chunksOf = (seed: number): number[] => {
      const { clock, first, second } = simulate(seed, { chunkBytes: { min: 1, max: 900 }, jitterMs: 20 })
      first.write(new Uint8Array(10_000))
      runDry(clock)
      return second.chunks.map((chunk) => chunk.length)
    }
    expect(chunksOf(1)).toEqual(chunksOf(1))
    expect(chunksOf(1)).not.toEqual(chunksOf(2))
  })

  it('can deliver byte by byte', () => {
    const { clock, first, second } = simulate(1, { singleByteChance: 1 })
    first.write(new Uint8Array(100))
    runDry(clock)
    expect(second.chunks.map((chunk) => chunk.length)).toEqual(new Array(100).fill(1))
  })

  it('happens in simulated time only', () => {
    const { clock, first, second } = simulate(1, { latencyMs: 40 })
    first.write(new Uint8Array(10))
    clock.advance(39.9)
    expect(second.bytes).toBe(0)
    clock.advance(0.1)
    expect(second.bytes).toBe(10)
  })

  it('keeps to its rate', () => {
    const { clock, first, second } = simulate(1, {
      bytesPerSecond: 1_000_000,
      chunkBytes: { min: 1000, max: 1000 },
    })
    first.write(new Uint8Array(1_000_000))
    clock.advance(500)
    expect(second.bytes).toBe(500_000)
    clock.advance(500)
    expect(second.bytes).toBe(1_000_000)
  })

  it('stalls as often and as long as it is told', () => {
    const { clock, first, second } = simulate(1, {
      stallChance: 1,
      stallMs: 100,
      chunkBytes: { min: 10, max: 10 },
    })
    first.write(new Uint8Array(50))
    clock.advance(450)
    expect(second.bytes).toBe(40)
    clock.advance(50)
    expect(second.bytes).toBe(50)
  })

  it('breaks both ends after exactly the bytes of its cut', () => {
    fc.assert(
      fc.property(fc.nat(), fc.integer({ min: 1, max: 5000 }), (seed, cutAtByte) => {
        const { clock, first, second } = simulate(seed, {
          cutAtByte,
          chunkBytes: { min: 1, max: 700 },
          jitterMs: 10,
        })
        first.write(new Uint8Array(6000))
        first.call(() => first.link.end())
        runDry(clock)
        expect(second.bytes).toBe(cutAtByte)
        expect([first.closeCode, second.closeCode]).toEqual(['E_LINK_LOST', 'E_LINK_LOST'])
        expect(second.ends).toBe(0)
        expect([...first.violations, ...second.violations]).toEqual([])
      }),
    )
  })

  it('changes exactly the byte it is told to', () => {
    fc.assert(
      fc.property(
        fc.nat(),
        fc.integer({ min: 0, max: 2999 }),
        fc.integer({ min: 1, max: 255 }),
        (seed, at, mask) => {
          const { clock, first, second } = simulate(seed, { corruptAtByte: at, corruptMask: mask })
          const sent = new SeededRandom(seed).bytes(3000)
          const expected = sent.slice()
          expected[at] = (expected[at] as number) ^ mask
          first.write(sent)
          runDry(clock)
          expect(second.received()).toEqual(expected)
        },
      ),
    )
  })

  it('pushes back: no more than its window is under way to a paused reader', () => {
    const { clock, first, second } = simulate(1, { windowBytes: 4096, chunkBytes: { min: 1, max: 512 } })
    second.call(() => second.link.pause())
    first.write(new Uint8Array(100_000))
    runDry(clock)
    expect(100_000 - first.link.queuedBytes).toBeGreaterThanOrEqual(4096)
    expect(100_000 - first.link.queuedBytes).toBeLessThan(4096 + 512)
    second.call(() => second.link.resume())
    runDry(clock)
    expect([second.bytes, first.drains, first.link.queuedBytes]).toEqual([100_000, 1, 0])
  })

  it('passes aborts and lingering closes on', () => {
    const aborted = simulate(1, { latencyMs: 10 })
    aborted.first.call(() => aborted.first.link.abort())
    runDry(aborted.clock)
    expect([aborted.first.closeCode, aborted.second.closeCode]).toEqual(['E_ABORTED', 'E_LINK_LOST'])
    const closed = simulate(1, { latencyMs: 10 })
    closed.first.write(new Uint8Array(5000))
    closed.first.call(() => closed.first.link.close(1000))
    closed.second.write(new Uint8Array(500_000))
    closed.clock.advance(999)
    expect([closed.second.bytes, closed.second.ends, closed.first.closes]).toEqual([5000, 1, []])
    runDry(closed.clock)
    expect(closed.first.closes).toEqual([undefined])
    expect(closed.second.closeCode).toBe('E_LINK_LOST')
  })
})
