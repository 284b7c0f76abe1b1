import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bodyRoom, decodePayload, encodePayload } from '../../../src/lib/mix/message/index.ts'
import { makeGeometry } from '../../../src/lib/sphinx/index.ts'

describe('the payload of a packet', () => {
  it('has the room that the formats leave, by the tables of sizes', () => {
    // The bytes of a user beside a reply block, less two of length.
    expect(bodyRoom(makeGeometry({ format: 'nike' }))).toBe(1294 - 2)
    expect(bodyRoom(makeGeometry({ format: 'nike', hops: 5 }))).toBe(966 - 2)
    expect(bodyRoom(makeGeometry())).toBe(1608 - 2 - 504 - 2)
    expect(bodyRoom(makeGeometry({ format: 'nike', hops: 5, payloadBytes: 103 }))).toBe(0)
  })

  it('is one for one length of all bodies, with or without a reply block', () => {
    const geometry = makeGeometry()
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: bodyRoom(geometry) }), fc.boolean(), (body, hasSurb) => {
        const surb = hasSurb ? new Uint8Array(geometry.surbBytes).fill(7) : undefined
        const payload = encodePayload(geometry, { surb, body })
        expect(payload).toHaveLength(geometry.payloadBytes)
        expect(payload[0]).toBe(hasSurb ? 1 : 0)
        expect(decodePayload(geometry, payload)).toEqual(hasSurb ? { surb, body } : { body })
      }),
    )
  })

  it('refuses what has no room, and reply blocks of other networks', () => {
    const geometry = makeGeometry()
    const tooLong = new Uint8Array(bodyRoom(geometry) + 1)
    expect(() => encodePayload(geometry, { body: tooLong })).toThrow(
      expect.objectContaining({ code: 'E_TOO_LARGE' }),
    )
    const surb = new Uint8Array(geometry.surbBytes - 1)
    expect(() => encodePayload(geometry, { surb, body: new Uint8Array() })).toThrow(
      expect.objectContaining({ code: 'E_INPUT' }),
    )
  })

  it('of any other form is none, and never throws', () => {
    const geometry = makeGeometry()
    const good = encodePayload(geometry, { body: new Uint8Array([1, 2, 3]) })
    const changed = (at: number, value: number): Uint8Array => {
      const copy = good.slice()
      copy[at] = value
      return copy
    }
    for (const bad of [
      changed(0, 2),
      changed(1, 1),
      changed(2 + geometry.surbBytes, 0xff),
      changed(3 + geometry.surbBytes, 2),
      changed(good.length - 1, 1),
      good.subarray(1),
      new Uint8Array(),
    ])
      expect(decodePayload(geometry, bad)).toBeUndefined()
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 300, maxLength: 300 }), (bytes) => {
        bytes.set([bytes[0] as number & 1, 0])
        const small = makeGeometry({ format: 'nike', hops: 1, payloadBytes: 300 })
        expect(() => decodePayload(small, bytes)).not.toThrow()
      }),
    )
  })
})
