import { describe, expect, test } from 'vitest'
import { toHex } from '../../src/lib/core/index.ts'
import { type Geometry, geometryHash, makeGeometry, userBytesWithSurb } from '../../src/lib/sphinx/index.ts'

/** Sizes as the specification of the two formats tabulates them for packets of 2048 bytes. */
const TABLE = [
  { format: 'nike', hops: 3, headerBytes: 312, surbBytes: 408, payloadBytes: 1704, user: 1294 },
  { format: 'nike', hops: 4, headerBytes: 394, surbBytes: 490, payloadBytes: 1622, user: 1130 },
  { format: 'nike', hops: 5, headerBytes: 476, surbBytes: 572, payloadBytes: 1540, user: 966 },
  { format: 'kem', hops: 3, headerBytes: 408, surbBytes: 504, payloadBytes: 1608, user: 1102 },
  { format: 'kem', hops: 4, headerBytes: 522, surbBytes: 618, payloadBytes: 1494, user: 874 },
  { format: 'kem', hops: 5, headerBytes: 636, surbBytes: 732, payloadBytes: 1380, user: 646 },
] as const

describe('a geometry', () => {
  test.each(TABLE)('of $format with $hops hops has the sizes of the table', (row) => {
    const geometry = makeGeometry({ format: row.format, hops: row.hops })
    const { format, hops, headerBytes, surbBytes, payloadBytes } = geometry
    expect({ format, hops, headerBytes, surbBytes, payloadBytes, user: userBytesWithSurb(geometry) }).toEqual(
      row,
    )
    expect(geometry.packetBytes).toBe(2048)
  })

  test('is kem with sha256-v1, three hops and 2048 bytes unless told otherwise', () => {
    expect(makeGeometry()).toMatchObject({ format: 'kem', prf: 'sha256-v1', hops: 3, packetBytes: 2048 })
  })

  test('can be made from the size of the payload, as the published packets of 611 and 771 bytes were', () => {
    expect(makeGeometry({ format: 'nike', hops: 5, payloadBytes: 103 }).packetBytes).toBe(611)
    expect(makeGeometry({ format: 'kem', hops: 5, payloadBytes: 103 }).packetBytes).toBe(771)
  })

  test.each([
    { hops: 0 },
    { hops: 2.5 },
    { hops: 17 },
    { packetBytes: 440 },
    { packetBytes: Number.NaN },
    { packetBytes: 2 ** 40 },
    { payloadBytes: 0 },
    { payloadBytes: -1 },
    { payloadBytes: 100, packetBytes: 2048 },
    { format: 'ecc' as Geometry['format'] },
    { prf: 'md5' as Geometry['prf'] },
  ])('that cannot be is refused: %o', (options) => {
    expect(() => makeGeometry(options)).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })

  // Made with python3: hashlib.blake2b over a map written by hand, keys in the order of RFC 7049 section 3.9.
  test.each([
    ['nike', 5, 'sha256-v1', '7c15091d5e9ac1fe2b86d3a7f25a3fcc4d2512718dceb1b8b3eead1719a8b79d'],
    ['kem', 3, 'sha256-v1', '4e6cdd7ad5fb770dbf9cc57f61f8e558f3533442f7d012c9d7ed47783872ac22'],
    ['kem', 3, 'blake2b-xof', 'e8ac963639f92ae8026614e64b6dfdb0ab0fb1539bfc41427843ffea3a309c21'],
  ] as const)('of %s with %i hops and %s has its hash', (format, hops, prf, hash) => {
    expect(toHex(geometryHash(makeGeometry({ format, hops, prf })))).toBe(hash)
  })
})
