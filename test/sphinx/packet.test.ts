import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { SeededRandom, toHex } from '../../src/lib/core/index.ts'
import {
  createPacket,
  createTracedPacket,
  MixKey,
  makeGeometry,
  type PathHop,
  unwrap,
} from '../../src/lib/sphinx/index.ts'
import { ALL_FORMATS, makePath } from './network.ts'

const LENGTHS = [1, 2, 3, 4, 5].flatMap((hops) =>
  Array.from({ length: hops }, (_, used) => ({ hops, used: used + 1 })),
)

describe.each(ALL_FORMATS)('a packet of $format with $prf', ({ format, prf }) => {
  test.each(LENGTHS)(
    'with room for $hops hops goes over $used, and is of one size all the way',
    ({ hops, used }) => {
      fc.assert(
        fc.property(fc.integer(), (seed) => {
          const random = new SeededRandom(seed)
          const geometry = makeGeometry({ format, prf, hops })
          const { keys, path } = makePath({ random, hops: used })
          const payload = random.bytes(geometry.payloadBytes)
          const { packet, taus } = createTracedPacket(geometry, path, payload, random)
          let at = packet
          for (const [i, key] of keys.entries()) {
            expect(at.length).toBe(2048)
            const unwrapped = unwrap(geometry, key, at)
            if (i === used - 1) {
              expect(unwrapped).toMatchObject({ kind: 'deliver', payload })
              return
            }
            expect(unwrapped).toMatchObject({
              kind: 'forward',
              next: path[i + 1]?.id,
              delayMs: 10 + i,
              tau: taus[i],
            })
            if (unwrapped.kind === 'forward') at = unwrapped.packet
          }
        }),
        { numRuns: 3 },
      )
    },
  )

  test('leaves the packet it unwraps as it was', () => {
    const random = new SeededRandom(1)
    const geometry = makeGeometry({ format, prf })
    const { keys, path } = makePath({ random, hops: 3 })
    const packet = createPacket(geometry, path, random.bytes(geometry.payloadBytes), random)
    const before = toHex(packet)
    unwrap(geometry, keys[0] as MixKey, packet)
    expect(toHex(packet)).toBe(before)
  })

  test('has no delay where the sender asked for none', () => {
    const random = new SeededRandom(2)
    const geometry = makeGeometry({ format, prf })
    const { keys, path } = makePath({ random, hops: 2, delayMs: () => undefined })
    const packet = createPacket(geometry, path, random.bytes(geometry.payloadBytes), random)
    expect(unwrap(geometry, keys[0] as MixKey, packet)).toMatchObject({ kind: 'forward', delayMs: 0 })
  })

  test('is different each time, whatever it carries', () => {
    const random = new SeededRandom(3)
    const geometry = makeGeometry({ format, prf })
    const { keys, path } = makePath({ random, hops: 3 })
    const payload = new Uint8Array(geometry.payloadBytes)
    const tags = [1, 2].map(() => {
      const unwrapped = unwrap(geometry, keys[0] as MixKey, createPacket(geometry, path, payload, random))
      return unwrapped.kind === 'forward' ? toHex(unwrapped.replayTag) : unwrapped.kind
    })
    expect(tags[0]).not.toBe(tags[1])
    expect(tags[0]).toHaveLength(64)
  })
})

describe('what nodes would refuse is not put into a packet', () => {
  const random = new SeededRandom(4)
  const geometry = makeGeometry()
  const { path } = makePath({ random, hops: 3 })
  const [first, second, last] = path as [PathHop, PathHop, PathHop]
  const payload = new Uint8Array(geometry.payloadBytes)
  const id = random.bytes(32)

  test.each<[string, PathHop[]]>([
    ['an empty path', []],
    ['a path that is too long', [first, first, second, last]],
    ['a hop with a short id', [{ ...first, id: id.subarray(1) }, last]],
    ['a hop with a short key', [{ ...first, publicKey: id.subarray(1) }, last]],
    ['a recipient on the way', [{ ...first, commands: [{ type: 'recipient', id }] }, last]],
    ['a next hop of the caller', [{ ...first, commands: [{ type: 'next-hop', node: id, mac: id }] }, last]],
    ['two delays', [{ ...first, commands: [...first.commands, ...first.commands] }, last]],
    ['a delay at the end', [first, second]],
    ['nothing at the end', [first, { ...last, commands: [] }]],
    ['two recipients', [first, { ...last, commands: [...last.commands, ...last.commands] }]],
    [
      'a SURB reply without a SURB',
      [first, { ...last, commands: [...last.commands, { type: 'surb-reply', id: id.subarray(16) }] }],
    ],
  ])('%s', (_, hops) => {
    expect(() => createPacket(geometry, hops, payload, random)).toThrow(
      expect.objectContaining({ code: 'E_INPUT' }),
    )
  })

  test.each([-1, 1])('a payload with %i bytes too many', (more) => {
    const wrong = new Uint8Array(geometry.payloadBytes + more)
    expect(() => createPacket(geometry, path, wrong, random)).toThrow(
      expect.objectContaining({ code: 'E_INPUT' }),
    )
  })

  test.each(ALL_FORMATS)('the key of a hop that is a point of low order, in $format', ({ format, prf }) => {
    const own = makeGeometry({ format, prf })
    const hops = [{ ...first, publicKey: new Uint8Array(32) }, last]
    expect(() => createPacket(own, hops, new Uint8Array(own.payloadBytes), random)).toThrow(
      expect.objectContaining({ code: 'E_CRYPTO' }),
    )
  })
})

describe('a mix key', () => {
  test('comes back from its private bytes', () => {
    const key = MixKey.generate(new SeededRandom(5))
    expect(MixKey.fromPrivate(key.exportPrivate()).publicKey).toEqual(key.publicKey)
  })

  test('is of no more use once erased', () => {
    const key = MixKey.generate()
    const other = MixKey.generate()
    key.erase()
    expect(() => key.sharedWith(other.publicKey)).toThrow(expect.objectContaining({ code: 'E_CRYPTO' }))
    expect(() => key.exportPrivate()).toThrow(expect.objectContaining({ code: 'E_CRYPTO' }))
  })
})
