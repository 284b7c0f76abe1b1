/** The first bytes of a stream (section 12.1), written by hand, and parsers that wait or refuse and do nothing else. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  AivError,
  type CborMap,
  concat,
  fromHex,
  isAivError,
  toHex,
  utf8,
} from '../../../src/lib/core/index.ts'
import {
  encodeServiceHeader,
  encodeStatus,
  type Parsed,
  parseItem,
  parseServiceHeader,
  parseStatus,
} from '../../../src/lib/htx/service/header.ts'

const name = (text: string): string => text.length.toString(16).padStart(2, '0') + toHex(utf8(text))
const MALFORMED = expect.objectContaining({ code: 'E_MALFORMED' })

describe('a service header', () => {
  it('has these bytes', () => {
    expect(toHex(encodeServiceHeader({ name: 'pipe', params: {} }))).toBe('047069706501a0')
    const params = { port: 80, host: 'h' }
    expect(toHex(encodeServiceHeader({ name: 'tcp', params }))).toBe(
      '037463700fa264686f7374616864706f72741850',
    )
  })

  it.each([
    ['no name', '00'],
    ['a name of 33 characters', '21'],
    ['a capital', name('Pipe')],
    ['a capital in what has come so far', '0450'],
    ['a space', name('a b')],
    ['a NUL', '0100'],
    ['a byte above ASCII', '01e9'],
    ['parameters of 4,097 bytes', `${name('a')}5001`],
    ['parameters of 2^61 bytes', `${name('a')}e000000000000000`],
    ['a length in too many bytes', `${name('a')}4001a0`],
    ['parameters that are an array', `${name('a')}0180`],
    ['parameters that are no CBOR', `${name('a')}01ff`],
    ['no parameters', `${name('a')}00`],
    ['parameters and more', `${name('a')}02a0a0`],
  ])('with %s is refused at once', (_, hex) => {
    expect(() => parseServiceHeader(fromHex(hex))).toThrow(MALFORMED)
  })

  it('cannot be written with a name or parameters that it cannot carry', () => {
    for (const bad of ['', 'A', 'a b', 'a'.repeat(33), 'é'])
      expect(() => encodeServiceHeader({ name: bad, params: {} })).toThrow(
        expect.objectContaining({ code: 'E_INPUT' }),
      )
    // a1 61 61 59 0ff9 and the bytes make 4,097 together with their heads: one too many.
    const params = (length: number): CborMap => ({ a: new Uint8Array(length) })
    expect(encodeServiceHeader({ name: 'a', params: params(4090) })).toHaveLength(2 + 2 + 4096)
    expect(() => encodeServiceHeader({ name: 'a', params: params(4091) })).toThrow(
      expect.objectContaining({ code: 'E_INPUT' }),
    )
  })

  it('comes out the same however it is cut into pieces', () => {
    const header = concat(
      fromHex(`${name('file/1')}0d`),
      fromHex('a26161820102626f7063676574'),
      fromHex('ff'),
    )
    for (let length = 0; length < header.length - 1; length++)
      expect(parseServiceHeader(header.subarray(0, length))).toBeUndefined()
    expect(parseServiceHeader(header)).toEqual({
      value: { name: 'file/1', params: { op: 'get', a: [1, 2] } },
      next: header.length - 1,
    })
  })
})

describe('a status', () => {
  it('has these bytes', () => {
    expect(toHex(encodeStatus({ status: 0, message: 'not sent' }))).toBe('00')
    expect(toHex(encodeStatus({ status: 1, message: 'no' }))).toBe('01026e6f')
  })

  it('cuts a long message to 512 bytes, between characters', () => {
    const message = `${'a'.repeat(511)}é and more`
    const bytes = encodeStatus({ status: 1, message })
    expect(toHex(bytes.subarray(0, 3))).toBe('0141ff')
    expect(parseStatus(bytes)?.value).toEqual({ status: 1, message: 'a'.repeat(511) })
    expect(encodeStatus({ status: 1, message: 'b'.repeat(513) })).toHaveLength(1 + 2 + 512)
  })

  it('waits for the whole message, and refuses a longer one', () => {
    const bytes = fromHex('01026e6fff')
    for (const length of [0, 1, 2, 3]) expect(parseStatus(bytes.subarray(0, length))).toBeUndefined()
    expect(parseStatus(bytes)).toEqual({ value: { status: 1, message: 'no' }, next: 4 })
    expect(parseStatus(fromHex('00ff'))).toEqual({ value: { status: 0, message: '' }, next: 1 })
    expect(() => parseStatus(fromHex('014201'))).toThrow(MALFORMED)
    expect(() => parseStatus(fromHex('0101ff'))).toThrow(MALFORMED)
  })
})

describe('whatever the bytes are, a parser waits, gives a value within them, or refuses', () => {
  const holds = (parse: (bytes: Uint8Array) => Parsed<unknown> | undefined, bytes: Uint8Array): boolean => {
    try {
      const parsed = parse(bytes)
      return parsed === undefined || (parsed.next > 0 && parsed.next <= bytes.length)
    } catch (error) {
      return isAivError(error, 'E_MALFORMED') || isAivError(error, 'E_TOO_LARGE')
    }
  }
  const plausible = fc
    .tuple(fc.constantFrom('a', 'file/1', 'tcp', 'pipe'), fc.uint8Array({ maxLength: 60 }))
    .map(([text, tail]) => concat(fromHex(name(text)), tail))
  const bytes = fc.oneof(fc.uint8Array({ maxLength: 80 }), plausible)

  it('header', () => {
    fc.assert(
      fc.property(bytes, (input) => holds(parseServiceHeader, input)),
      { numRuns: 20_000, seed: 1 },
    )
  })

  it('status', () => {
    fc.assert(
      fc.property(bytes, (input) => holds(parseStatus, input)),
      { numRuns: 20_000, seed: 2 },
    )
  })

  it('item', () => {
    fc.assert(
      fc.property(bytes, (input) => holds((b) => parseItem(b, 0, 40), input)),
      { numRuns: 20_000, seed: 3 },
    )
  })

  it('and once it has refused a beginning, no continuation makes it good', () => {
    fc.assert(
      fc.property(bytes, fc.uint8Array({ maxLength: 20 }), (start, rest) => {
        const outcome = (input: Uint8Array): string => {
          try {
            const parsed = parseServiceHeader(input)
            return parsed === undefined ? 'waits' : `${parsed.value.name} ${parsed.next}`
          } catch (error) {
            return error instanceof AivError ? 'refused' : 'broken'
          }
        }
        const before = outcome(start)
        return before === 'waits' || outcome(concat(start, rest)) === before
      }),
      { numRuns: 20_000, seed: 4 },
    )
  })
})
