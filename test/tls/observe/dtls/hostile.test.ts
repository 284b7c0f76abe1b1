import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, toHex, u32 } from '../../../../src/lib/core/index.ts'
import { DtlsHellos, type DtlsOutcome } from '../../../../src/lib/tls/index.ts'
import { dtlsFragment, dtlsRecord } from '../../../support/dtls-datagrams.ts'

const LIMITS = { maxFlows: 64, maxHeldBytes: 512 * 1024 }
const BODY = Uint8Array.from({ length: 300 }, (_, i) => (i * 13) & 0xff)
const MESSAGE = concat(Uint8Array.of(1), u32(BODY.length).subarray(1), BODY)
const SKIPS = new Set(['malformed-record', 'malformed-fragment', 'contradiction', 'too-large'])

const piece = (from: number, to: number): Uint8Array =>
  dtlsFragment({ type: 1, length: BODY.length, messageSeq: 0, offset: from, data: BODY.subarray(from, to) })

function expectTyped({ messages, skips }: DtlsOutcome): void {
  for (const message of messages)
    expect(toHex(message.subarray(0, 4))).toBe(`01${(message.length - 4).toString(16).padStart(6, '0')}`)
  for (const skip of skips) expect(SKIPS).toContain(skip)
}

describe('hostile DTLS', () => {
  it('gives one hello, the right one, whatever the cuts, order, doubling and grouping of its fragments', () => {
    const cuts = fc.uniqueArray(fc.integer({ min: 1, max: BODY.length - 1 }), { minLength: 1, maxLength: 12 })
    const order = fc.array(fc.nat(1000), { maxLength: 40 })
    fc.assert(
      fc.property(
        cuts,
        fc.nat(30),
        order,
        fc.integer({ min: 1, max: 4 }),
        (places, overlap, picks, group) => {
          const edges = [0, ...places.toSorted((a, b) => a - b), BODY.length]
          const pieces = edges
            .slice(1)
            .map((end, i) => piece(Math.max(0, (edges[i] as number) - overlap), end))
          const sent = [...picks.map((pick) => pieces[pick % pieces.length] as Uint8Array), ...pieces]
          const hellos = new DtlsHellos()
          const outcomes: DtlsOutcome[] = []
          for (let i = 0; i < sent.length; i += group)
            outcomes.push(
              hellos.datagram('flow', concat(...sent.slice(i, i + group).map((one) => dtlsRecord(one)))),
            )
          expect(outcomes.flatMap(({ messages }) => messages.map(toHex))).toEqual([toHex(MESSAGE)])
          expect(outcomes.flatMap(({ skips }) => skips)).toEqual([])
        },
      ),
      { numRuns: 300 },
    )
  })

  it('gives no hello for a datagram cut at any byte', () => {
    const datagram = dtlsRecord(piece(0, BODY.length))
    for (let length = 0; length < datagram.length; length++) {
      const outcome = new DtlsHellos().datagram('flow', datagram.subarray(0, length))
      expect(outcome.messages).toEqual([])
      expect(outcome.skips).toEqual(length < 3 ? [] : ['malformed-record'])
    }
  })

  it('stays typed and bounded over 20,000 changed datagrams', () => {
    const originals = [
      dtlsRecord(piece(0, BODY.length)),
      concat(dtlsRecord(piece(0, 100)), dtlsRecord(piece(100, 300), { version: 'fefd' })),
      dtlsRecord(concat(piece(200, 300), piece(0, 150), piece(100, 220))),
    ]
    const change = fc.record({
      at: fc.oneof(fc.nat(25), fc.nat(400)),
      value: fc.oneof(fc.constantFrom(0, 1, 0xff), fc.nat(255)),
    })
    const hellos = new DtlsHellos(LIMITS)
    const seen = new Set<string>()
    fc.assert(
      fc.property(
        fc.constantFrom(...originals),
        fc.array(change, { minLength: 1, maxLength: 4 }),
        fc.oneof(fc.constant(1000), fc.nat(400)),
        fc.nat(300),
        (original, changes, keep, flow) => {
          const datagram = new Uint8Array(original.subarray(0, keep))
          for (const { at, value } of changes) if (at < datagram.length) datagram[at] = value
          const outcome = hellos.datagram(flow, datagram)
          expectTyped(outcome)
          for (const skip of outcome.skips) seen.add(skip)
          expect(hellos.heldBytes).toBeLessThanOrEqual(LIMITS.maxHeldBytes)
        },
      ),
      { numRuns: 20_000 },
    )
    expect(seen).toEqual(SKIPS)
  })
})
