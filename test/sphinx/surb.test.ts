import { describe, expect, test } from 'vitest'
import { SeededRandom } from '../../src/lib/core/index.ts'
import {
  createPacket,
  createSurb,
  decodePlaintext,
  encodePlaintext,
  type Geometry,
  makeGeometry,
  openSurbReply,
  packetFromSurb,
  userBytesWithSurb,
} from '../../src/lib/sphinx/index.ts'
import { ALL_FORMATS, flipBit, makePath, travel } from './network.ts'

function makeSurb(geometry: Geometry, hops: number, seed: number) {
  const random = new SeededRandom(seed)
  const surbId = random.bytes(16)
  const way = makePath({ random, hops, surbId })
  return { ...createSurb(geometry, way.path, random), way, surbId, random }
}

describe.each(ALL_FORMATS)('a SURB of $format with $prf', ({ format, prf }) => {
  const geometry = makeGeometry({ format, prf, hops: 5 })

  test.each([1, 2, 3, 4, 5])('brings an answer over %i hops that only its maker reads', (hops) => {
    const { surb, keys, way, surbId, random } = makeSurb(geometry, hops, hops)
    expect(surb.length).toBe(geometry.surbBytes)
    const payload = random.bytes(geometry.payloadBytes)
    const { packet, firstHop } = packetFromSurb(geometry, surb, payload)
    expect(packet.length).toBe(2048)
    expect(firstHop).toEqual(way.path[0]?.id)
    const { hop, unwrapped } = travel(geometry, way, packet)
    expect(hop).toBe(hops - 1)
    expect(unwrapped).toMatchObject({ kind: 'reply', surbId })
    if (unwrapped.kind !== 'reply') return
    expect(unwrapped.payload).not.toEqual(payload)
    expect(openSurbReply(geometry, keys, unwrapped.payload)).toEqual(payload)
  })

  test('does not open an answer that was touched, nor that of another SURB', () => {
    const { surb, keys, way, random } = makeSurb(geometry, 3, 11)
    const { packet } = packetFromSurb(geometry, surb, random.bytes(geometry.payloadBytes))
    const touched = travel(geometry, way, flipBit(packet, 8 * 2000)).unwrapped
    expect(touched.kind).toBe('reply')
    if (touched.kind !== 'reply') return
    expect(openSurbReply(geometry, keys, touched.payload)).toBeUndefined()

    const whole = travel(geometry, way, packet).unwrapped
    const other = makeSurb(geometry, 3, 12)
    if (whole.kind === 'reply') expect(openSurbReply(geometry, other.keys, whole.payload)).toBeUndefined()
  })

  test('opens nothing of another length', () => {
    const { keys } = makeSurb(geometry, 3, 13)
    for (const length of [0, 31, 32 + geometry.payloadBytes + 1])
      expect(openSurbReply(geometry, keys, new Uint8Array(length))).toBeUndefined()
  })
})

describe('what is no SURB is refused', () => {
  const geometry = makeGeometry()
  const { surb, keys } = makeSurb(geometry, 3, 21)
  const payload = new Uint8Array(geometry.payloadBytes)

  test.each([-1, 1])('%i bytes more', (more) => {
    const wrong = new Uint8Array(surb.length + more)
    expect(() => packetFromSurb(geometry, wrong, payload)).toThrow(
      expect.objectContaining({ code: 'E_INPUT' }),
    )
  })

  test.each([0, 64, 100, 64 * 5])('%i bytes of keys', (length) => {
    expect(() => openSurbReply(geometry, new Uint8Array(length), payload)).toThrow(
      expect.objectContaining({ code: 'E_INPUT' }),
    )
  })

  test('a path without the id of the SURB', () => {
    const random = new SeededRandom(22)
    expect(() => createSurb(geometry, makePath({ random, hops: 3 }).path, random)).toThrow(
      expect.objectContaining({ code: 'E_INPUT' }),
    )
  })

  test('its keys have one entry for each hop and one for the payload', () => {
    expect(keys.length).toBe(4 * 64)
  })
})

describe('a plaintext with a SURB', () => {
  test.each(ALL_FORMATS)('travels in a packet of $format and brings the answer back', ({ format, prf }) => {
    const geometry = makeGeometry({ format, prf })
    const { surb, keys, way, random } = makeSurb(geometry, 3, 31)
    const forth = makePath({ random, hops: 3 })
    const question = random.bytes(userBytesWithSurb(geometry))
    const asked = travel(
      geometry,
      forth,
      createPacket(geometry, forth.path, encodePlaintext(geometry, question, surb), random),
    ).unwrapped
    if (asked.kind !== 'deliver') throw new Error(asked.kind)
    const read = decodePlaintext(geometry, asked.payload)
    expect(read).toEqual({ surb, data: question })

    const answer = encodePlaintext(geometry, Uint8Array.of(42))
    const { packet } = packetFromSurb(geometry, read?.surb as Uint8Array, answer)
    const answered = travel(geometry, way, packet).unwrapped
    if (answered.kind !== 'reply') throw new Error(answered.kind)
    const opened = openSurbReply(geometry, keys, answered.payload) as Uint8Array
    expect(decodePlaintext(geometry, opened)).toMatchObject({ surb: undefined })
    expect(decodePlaintext(geometry, opened)?.data.subarray(0, 2)).toEqual(Uint8Array.of(42, 0))
  })

  test('has the layout of Katzenpost: flags, reserved byte, SURB, data', () => {
    const geometry = makeGeometry({ format: 'nike', hops: 5 })
    const surb = new Uint8Array(572).fill(7)
    const payload = encodePlaintext(geometry, Uint8Array.of(9), surb)
    expect(payload.length).toBe(1540)
    expect([...payload.subarray(0, 3), payload[573], payload[574], payload[575]]).toEqual([1, 0, 7, 7, 9, 0])
  })

  test('is refused with other flags, a reserved byte or another length', () => {
    const geometry = makeGeometry()
    const payload = encodePlaintext(geometry, Uint8Array.of(1))
    for (const [at, value] of [
      [0, 2],
      [1, 1],
    ] as const) {
      const wrong = payload.slice()
      wrong[at] = value
      expect(decodePlaintext(geometry, wrong)).toBeUndefined()
    }
    expect(decodePlaintext(geometry, payload.subarray(1))).toBeUndefined()
  })

  test('takes no more than there is room for, and no SURB of other packets', () => {
    const geometry = makeGeometry()
    const tooMuch = new Uint8Array(userBytesWithSurb(geometry) + 1)
    expect(() => encodePlaintext(geometry, tooMuch)).toThrow(expect.objectContaining({ code: 'E_TOO_LARGE' }))
    expect(() => encodePlaintext(geometry, new Uint8Array(1), new Uint8Array(3))).toThrow(
      expect.objectContaining({ code: 'E_INPUT' }),
    )
    const small = makeGeometry({ payloadBytes: 103 })
    expect(() => encodePlaintext(small, new Uint8Array(0))).toThrow(
      expect.objectContaining({ code: 'E_TOO_LARGE' }),
    )
    expect(decodePlaintext(small, new Uint8Array(103))).toBeUndefined()
  })
})
