/** The CBOR of section 12.2: exact bytes written by hand from RFC 8949, and parsers that never do worse than refuse. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AivError,
  type CborMap,
  type CborValue,
  decodeCbor,
  encodeCbor,
  fromHex,
  toHex,
} from '../../../../src/lib/core/index.ts'
import { decodeEntries, EntryList } from '../../../../src/lib/htx/service/file/wire/entries.ts'
import {
  decodeItem,
  encodeItem,
  encodeOffer,
  getParams,
  listParams,
  parseHeld,
  parseOffer,
  parseRequest,
  parseRestart,
  putParams,
} from '../../../../src/lib/htx/service/file/wire/items.ts'
import { offerOfBytes } from '../../../support/raw-file-peer.ts'

const PREFIX = new Uint8Array(32).fill(0xaa)
const HEX = 'aa'.repeat(32)
/** name "a", size 2^53-1, mode 0o644, mtime 1, fingerprint: keys sorted by their encoded bytes. */
const OFFER_HEX =
  `646d6f6465${'1901a4'}` +
  `646e616d65${'6161'}` +
  `6473697a65${'1b001fffffffffffff'}` +
  `656d74696d65${'01'}` +
  `6b66696e6765727072696e74${'5820'}${HEX}`
const OFFER = { name: 'a', size: 2 ** 53 - 1, mtime: 1, mode: 0o644, fingerprint: PREFIX }

describe('items', () => {
  it('have these bytes', () => {
    expect(toHex(encodeItem({ restart: true }))).toBe('0aa16772657374617274f5')
    expect(toHex(encodeItem({ offset: 5, prefix: PREFIX }))).toBe(
      `32a2666f666673657405667072656669785820${HEX}`,
    )
    expect(toHex(encodeOffer(OFFER))).toBe(`${lengthOf(`a5${OFFER_HEX}`)}a5${OFFER_HEX}`)
  })

  it('of a request have these bytes', () => {
    expect(toHex(encodeCbor(putParams(OFFER)))).toBe(`a6626f7063707574${OFFER_HEX}`)
    expect(toHex(encodeCbor(getParams('a', { offset: 0, prefix: PREFIX })))).toBe(
      `a4626f7063676574646e616d656161666f666673657400667072656669785820${HEX}`,
    )
    expect(toHex(encodeCbor(listParams('')))).toBe('a2626f70646c697374647061746860')
  })

  it('are read back', () => {
    const params = decodeItem(fromHex(`a6626f7063707574${OFFER_HEX}`))
    expect(parseRequest(params)).toEqual({ op: 'put', offer: OFFER })
    expect(parseRestart(decodeItem(fromHex('a16772657374617274f4')))).toBe(false)
  })

  it('do not take a value from a prototype', () => {
    const params = Object.create({ ...offerOfBytes('f', new Uint8Array(1)) }) as CborMap
    expect(() => parseOffer(params)).toThrow(expect.objectContaining({ code: 'E_MALFORMED' }))
  })
})

describe('a list', () => {
  it('has these bytes: sorted by the bytes of the names', () => {
    const list = new EntryList()
    list.add({ name: 'b', size: 24, mtime: 1, dir: false })
    list.add({ name: 'a', size: 0, mtime: 0, dir: true })
    const a = `a463646972f5646e616d6561616473697a6500656d74696d6500`
    const b = `a463646972f4646e616d6561626473697a651818656d74696d6501`
    expect(toHex(list.encode())).toBe(`${lengthOf(`82${a}${b}`)}82${a}${b}`)
    expect(decodeEntries(fromHex(`82${a}${b}`))).toEqual([
      { name: 'a', size: 0, mtime: 0, dir: true },
      { name: 'b', size: 24, mtime: 1, dir: false },
    ])
  })

  it('ends at 16 MiB', () => {
    const list = new EntryList()
    const add = (i: number): void =>
      list.add({ name: `${i}`.padStart(255, '0'), size: 2 ** 40, mtime: 2 ** 31, dir: false })
    let count = 0
    expect(() => {
      for (;;) add(count++)
    }).toThrow(expect.objectContaining({ code: 'E_TOO_LARGE' }))
    const answer = list.encode()
    expect(answer.length).toBeLessThanOrEqual(16 * 1_048_576 + 4)
    // The next entry, of some 300 bytes, would not have fit.
    expect(answer.length).toBeGreaterThan(16 * 1_048_576 - 320)
    // Judged by the decoder of the core, with the limits that this one list needs.
    const entries = decodeCbor(answer.subarray(4), { depth: 2, items: 1_000_000 })
    expect(entries).toHaveLength(count - 1)
  })

  it('agrees with the decoder of the core about what it is made of', () => {
    const name = fc.string({ unit: fc.constantFrom('a', 'b', 'ü', '長'), minLength: 1, maxLength: 9 })
    const entry = fc.record({
      name,
      size: fc.maxSafeNat(),
      // Later times are read as the end of the year 9999.
      mtime: fc.maxSafeInteger().map((time) => Math.abs(time) % 253_402_300_800),
      dir: fc.boolean(),
    })
    const entries = fc.uniqueArray(entry, { selector: (e) => e.name.normalize('NFC'), maxLength: 30 })
    fc.assert(
      fc.property(entries, (given) => {
        const list = new EntryList()
        for (const e of given) list.add(e)
        const encoded = list.encode()
        const body = encoded.subarray((encoded[0] as number) < 0x40 ? 1 : 2)
        const judged = (body.length > 16_383 ? [] : decodeCbor(body)) as readonly CborMap[]
        expect(decodeEntries(body)).toEqual(judged.map((map) => ({ ...map })))
        expect(judged.map(({ name: n }) => Buffer.from(n as string).toString('hex'))).toEqual(
          given.map((e) => Buffer.from(e.name).toString('hex')).sort(),
        )
      }),
      { numRuns: 300, seed: 3 },
    )
  })
})

describe('whatever the bytes are, a parser gives a value or a typed error', () => {
  const isTyped = (work: () => unknown): boolean => {
    try {
      work()
      return true
    } catch (error) {
      return error instanceof AivError && (error.code === 'E_MALFORMED' || error.code === 'E_TOO_LARGE')
    }
  }
  const parseAll = (map: CborMap): boolean =>
    [parseRequest, parseOffer, parseHeld, parseRestart].every((parse) => isTyped(() => parse(map)))

  const leaf: fc.Arbitrary<CborValue> = fc.oneof(
    fc.maxSafeInteger(),
    fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }),
    fc.boolean(),
    fc.constant(null),
    fc.string(),
    fc.uint8Array({ maxLength: 40 }),
    fc.constantFrom('put', 'get', 'list', PREFIX),
  )
  const { value } = fc.letrec<{ value: CborValue }>((tie) => ({
    value: fc.oneof({ maxDepth: 3 }, leaf, fc.array(tie('value'), { maxLength: 4 })),
  }))
  const keys = [
    'op',
    'name',
    'size',
    'mtime',
    'mode',
    'fingerprint',
    'offset',
    'prefix',
    'restart',
    'path',
    'dir',
  ]
  const map = fc.dictionary(fc.constantFrom(...keys), value, { maxKeys: 11 })

  it('random maps', () => {
    fc.assert(fc.property(map, parseAll), { numRuns: 20_000, seed: 1 })
  })

  it('random bytes as an item', () => {
    const bytes = fc.uint8Array({ maxLength: 80 })
    fc.assert(
      fc.property(bytes, (item) => {
        let decoded: CborMap | undefined
        const isFine = isTyped(() => {
          decoded = decodeItem(item)
        })
        return isFine && (decoded === undefined || parseAll(decoded))
      }),
      { numRuns: 20_000, seed: 2 },
    )
  })

  it('honest items with bytes changed, cut or added', () => {
    const honest = fromHex(`a6626f7063707574${OFFER_HEX}`)
    const change = fc.tuple(fc.nat(honest.length - 1), fc.nat(255))
    fc.assert(
      fc.property(fc.array(change, { maxLength: 4 }), fc.nat(honest.length), (changes, length) => {
        const bytes = honest.slice()
        for (const [at, to] of changes) bytes[at] = to
        return (
          isTyped(() => parseRequest(decodeItem(bytes))) &&
          isTyped(() => parseRequest(decodeItem(bytes.subarray(0, length))))
        )
      }),
      { numRuns: 20_000, seed: 4 },
    )
  })

  it('random bytes as a list, and lists with bytes changed', () => {
    const honest = encodeCbor([
      { name: 'a', size: 1, mtime: 2, dir: false },
      { name: 'b', size: 300, mtime: 2 ** 33, dir: true },
    ])
    const change = fc.tuple(fc.nat(honest.length - 1), fc.nat(255))
    const changed = fc.array(change, { maxLength: 3 }).map((changes) => {
      const bytes = honest.slice()
      for (const [at, to] of changes) bytes[at] = to
      return bytes
    })
    const random = fc.uint8Array({ maxLength: 60 }).map((tail) => Uint8Array.of(0x82, ...tail))
    fc.assert(
      fc.property(fc.oneof(changed, random), (bytes) => isTyped(() => decodeEntries(bytes))),
      { numRuns: 20_000, seed: 5 },
    )
  })
})

/** The varint in front of a body given in hex. */
function lengthOf(hex: string): string {
  const length = hex.length / 2
  return length < 0x40 ? length.toString(16).padStart(2, '0') : (0x4000 + length).toString(16)
}
