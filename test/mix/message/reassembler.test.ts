import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom, u32 } from '../../../src/lib/core/index.ts'
import {
  fragmentAt,
  fragmentCount,
  REASSEMBLY_LIMITS,
  Reassembler,
  type ReassemblyLimits,
} from '../../../src/lib/mix/message/index.ts'

const BODY = 64

function piecesOf(id: number, message: Uint8Array): Uint8Array[] {
  const count = fragmentCount(message.length, BODY)
  return Array.from({ length: count }, (_, i) => fragmentAt(new Uint8Array(16).fill(id), message, i, BODY))
}

function reassembler(limits: Partial<ReassemblyLimits> = {}): { all: Reassembler; clock: ManualClock } {
  const clock = new ManualClock()
  return { all: new Reassembler(clock, { ...REASSEMBLY_LIMITS, ...limits }), clock }
}

describe('a message', () => {
  it('comes out of its pieces in any order, some of them twice, and only once', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), fc.integer(), (message, seed) => {
        const random = new SeededRandom(seed)
        const pieces = piecesOf(1, message)
        const twice = [...pieces, ...pieces.filter(() => random.chance(0.5))]
        for (let i = twice.length - 1; i > 0; i -= 1) {
          const j = random.below(i + 1)
          ;[twice[i], twice[j]] = [twice[j] as Uint8Array, twice[i] as Uint8Array]
        }
        const { all } = reassembler()
        const complete = twice.map((piece) => all.add(piece)).filter(({ kind }) => kind === 'complete')
        expect(complete).toEqual([{ kind: 'complete', message }])
        expect(all.heldBytes).toBe(0)
      }),
    )
  })

  it('does not mix with another', () => {
    const { all } = reassembler()
    const [a1, a2] = piecesOf(1, new Uint8Array(70).fill(1)) as [Uint8Array, Uint8Array]
    const [b1, b2] = piecesOf(2, new Uint8Array(70).fill(2)) as [Uint8Array, Uint8Array]
    expect([a1, b1].map((piece) => all.add(piece).kind)).toEqual(['partial', 'partial'])
    expect(all.add(b2)).toEqual({ kind: 'complete', message: new Uint8Array(70).fill(2) })
    expect(all.add(a2)).toEqual({ kind: 'complete', message: new Uint8Array(70).fill(1) })
  })

  it('is not made of pieces that contradict each other', () => {
    const { all } = reassembler()
    const [first] = piecesOf(1, new Uint8Array(70)) as [Uint8Array]
    all.add(first)
    const other = first.slice()
    other.set(u32(3), 20)
    expect(all.add(other)).toEqual({ kind: 'refused', reason: 'contradiction' })
    const beyond = first.slice()
    beyond.set(u32(2), 16)
    expect(all.add(beyond)).toEqual({ kind: 'refused', reason: 'malformed' })
    expect(all.add(first.subarray(0, 23))).toEqual({ kind: 'refused', reason: 'malformed' })
  })
})

describe('what senders can make a receiver hold', () => {
  const piece = (id: number, count: number, bytes: number): Uint8Array =>
    new Uint8Array([...new Uint8Array(16).fill(id), ...u32(0), ...u32(count), ...new Uint8Array(bytes)])

  it('is bounded in messages, in bytes of one and in bytes of all', () => {
    const { all } = reassembler({ maxMessages: 2, maxMessageBytes: 100, maxBytes: 120 })
    expect(all.add(piece(1, 5, 100)).kind).toBe('partial')
    expect(all.add(piece(2, 101, 10))).toEqual({ kind: 'refused', reason: 'too_large' })
    expect(all.add(piece(2, 5, 101))).toEqual({ kind: 'refused', reason: 'too_large' })
    expect(all.add(piece(2, 5, 21))).toEqual({ kind: 'refused', reason: 'full' })
    expect(all.add(piece(2, 5, 20)).kind).toBe('partial')
    expect(all.add(piece(3, 5, 0))).toEqual({ kind: 'refused', reason: 'malformed' })
    expect(all.add(piece(3, 5, 1))).toEqual({ kind: 'refused', reason: 'full' })
    expect(all.heldBytes).toBe(120)
  })

  it('reserves nothing for a count that is only claimed', () => {
    const { all } = reassembler()
    expect(all.add(piece(1, 0xffffffff, 8))).toEqual({ kind: 'refused', reason: 'too_large' })
    expect(all.heldBytes).toBe(0)
  })

  it('is let go when the rest does not come', () => {
    const { all, clock } = reassembler({ maxMessages: 1, maxAgeMs: 1000 })
    all.add(piece(1, 2, 50))
    clock.advance(999)
    expect(all.add(piece(2, 2, 50)).kind).toBe('refused')
    clock.advance(1)
    expect(all.add(piece(2, 2, 50)).kind).toBe('partial')
    expect(all.heldBytes).toBe(50)
  })
})
