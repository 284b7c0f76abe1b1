import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, EMPTY, fromHex, toHex, u16, u32, utf8 } from '../../../src/lib/core/index.ts'
import { ProtocolViolation } from '../../../src/lib/htx/codes.ts'
import {
  buildClose,
  buildMaxStreams,
  buildNewTicket,
  buildPadding,
  buildPing,
  buildPriority,
  buildStreamHead,
  type CloseFrame,
  type Frame,
  parseFrame,
  type StreamFrame,
} from '../../../src/lib/htx/frames/index.ts'

const STREAM = 0
const PING = 1
const CLOSE = 2
const KEY_UPDATE = 3
const WINDOW_UPDATE = 4
const MALFORMED = expect.objectContaining({ name: 'ProtocolViolation', closeCode: 7 })
const zeros = (length: number): Uint8Array => new Uint8Array(length)
const text = (length: number): Uint8Array => new Uint8Array(length).fill(0x61)

function parse(type: number, id: number | undefined, ...parts: readonly Uint8Array[]): Frame {
  const bytes = concat(...parts)
  return parseFrame(type, id, bytes.length === 0 ? [] : [bytes], bytes.length, 'c')
}

describe('STREAM plaintexts (section 5)', () => {
  it('are flags, then a weight with OPEN, then a code with RESET or STOP, then data', () => {
    const plain = { kind: 'stream', id: 5, fin: false, reset: undefined, stop: undefined, weight: undefined }
    const cases: readonly (readonly [string, object])[] = [
      ['00', {}],
      ['01', { fin: true }],
      ['028101', { reset: 0x8101 }],
      ['048102', { stop: 0x8102 }],
      ['068101', { reset: 0x8101, stop: 0x8101 }],
      ['058101', { fin: true, stop: 0x8101 }],
      ['0801', { weight: 1 }],
      ['08ff', { weight: 255 }],
      ['0910', { weight: 16, fin: true }],
      ['0a108101', { weight: 16, reset: 0x8101 }],
      ['0e108101', { weight: 16, reset: 0x8101, stop: 0x8101 }],
      ['0d100000', { weight: 16, fin: true, stop: 0 }],
    ]
    for (const [hex, fields] of cases)
      expect(parse(STREAM, 5, fromHex(hex)), hex).toEqual({ ...plain, data: [], dataLength: 0, ...fields })
    for (const hex of ['00', '01', '0810', '0910']) {
      const frame = parse(STREAM, 5, fromHex(hex), utf8('data'))
      expect(frame).toMatchObject({ dataLength: 4, fin: hex.endsWith('1') || hex === '0910' })
      expect(toHex(concat(...(frame as StreamFrame).data))).toBe(toHex(utf8('data')))
    }
  })

  it('are malformed without flags, with undefined flags, with half a field, or with what RESET and STOP exclude', () => {
    const bad = [
      '',
      '10',
      '20',
      '40',
      '80',
      'ff',
      '08',
      '0800',
      '0900',
      '02',
      '0281',
      '04',
      '0481',
      '0a10',
      '0a1081',
    ]
    const excluded = [
      '038101',
      '078101',
      '0b108101',
      '0f108101',
      '02810161',
      '04810161',
      '06810161',
      '0a10810161',
    ]
    for (const hex of [...bad, ...excluded])
      expect(() => parse(STREAM, 5, fromHex(hex)), hex).toThrow(MALFORMED)
  })

  it('are read alike wherever their pieces break', () => {
    const whole = fromHex('0910aabbccdd')
    fc.assert(
      fc.property(fc.uniqueArray(fc.integer({ min: 1, max: 5 })), (cuts) => {
        const borders = [0, ...cuts.toSorted((a, b) => a - b), 6]
        const parts = borders.slice(1).map((end, index) => whole.subarray(borders[index], end))
        const frame = parseFrame(STREAM, 1, parts, 6, 'c') as StreamFrame
        expect(toHex(concat(...frame.data))).toBe('aabbccdd')
      }),
    )
  })
})

describe('PING plaintexts', () => {
  it('are a kind, a token of 8 bytes and at most 1,023 zeros', () => {
    expect(parse(PING, undefined, fromHex('000102030405060708'))).toEqual({
      kind: 'ping',
      reply: false,
      token: fromHex('0102030405060708'),
    })
    expect(parse(PING, undefined, fromHex('01'), text(8), zeros(1023))).toMatchObject({ reply: true })
  })

  it('are malformed when short, long, of another kind or padded with anything else', () => {
    for (const parts of [
      [EMPTY],
      [zeros(8)],
      [zeros(9), zeros(1024)],
      [fromHex('02'), zeros(8)],
      [fromHex('ff'), zeros(8)],
      [zeros(9), fromHex('01')],
      [zeros(9), zeros(1022), fromHex('80')],
    ])
      expect(() => parse(PING, undefined, ...parts)).toThrow(MALFORMED)
  })
})

describe('CLOSE plaintexts', () => {
  it('are a code, a reason of at most 512 bytes of UTF-8, and with DRAIN the last stream', () => {
    const close = { kind: 'close', lastStreamId: undefined }
    expect(parse(CLOSE, undefined, fromHex('00000000'))).toEqual({ ...close, code: 0, reason: '' })
    expect(parse(CLOSE, undefined, u16(7), u16(3), utf8('\u6c34'))).toEqual({
      ...close,
      code: 7,
      reason: '\u6c34',
    })
    expect(parse(CLOSE, undefined, u16(7), u16(512), text(512))).toMatchObject({ reason: 'a'.repeat(512) })
    expect(
      parse(CLOSE, undefined, fromHex('80010000c000000000000000').subarray(0, 4), fromHex('00')),
    ).toMatchObject({
      code: 0x8001,
      lastStreamId: 0,
    })
    expect(parse(CLOSE, undefined, fromHex('80010000ffffffffffffffff'))).toMatchObject({
      lastStreamId: 2n ** 62n - 1n,
    })
    expect(parse(CLOSE, undefined, fromHex('ffff0000'))).toMatchObject({ code: 0xffff })
  })

  it('are malformed when short, trailing, beyond 512 bytes, not UTF-8, or DRAIN without its stream', () => {
    for (const parts of [
      [EMPTY],
      [zeros(3)],
      [zeros(5)],
      [u16(0), u16(2), text(1)],
      [u16(0), u16(513), text(513)],
      [u16(0), u16(0xffff), text(513)],
      [u16(0), u16(1), fromHex('ff')],
      [u16(0), u16(2), fromHex('c080')],
      [u16(0), u16(2), fromHex('e6b0')],
      [fromHex('80010000')],
      [fromHex('8001000040')],
      [fromHex('800100004001')],
      [fromHex('80010000c000000000000001')],
      [fromHex('800100000500')],
      [fromHex('00000000'), fromHex('05')],
    ])
      expect(() => parse(CLOSE, undefined, ...parts)).toThrow(MALFORMED)
  })
})

describe('KEY_UPDATE and WINDOW_UPDATE plaintexts', () => {
  it('are four bytes; a credit is 1 to 2^31-1', () => {
    expect(parse(KEY_UPDATE, undefined, u32(0xffffffff))).toEqual({
      kind: 'key-update',
      generation: 0xffffffff,
    })
    expect(parse(WINDOW_UPDATE, 0, u32(1))).toEqual({ kind: 'window-update', id: 0, credit: 1 })
    expect(parse(WINDOW_UPDATE, 9, u32(2 ** 31 - 1))).toEqual({
      kind: 'window-update',
      id: 9,
      credit: 2 ** 31 - 1,
    })
    for (const length of [0, 3, 5]) {
      expect(() => parse(KEY_UPDATE, undefined, text(length))).toThrow(MALFORMED)
      expect(() => parse(WINDOW_UPDATE, 1, text(length))).toThrow(MALFORMED)
    }
    for (const credit of [0, 2 ** 31, 0xffffffff])
      expect(() => parse(WINDOW_UPDATE, 1, u32(credit))).toThrow(MALFORMED)
  })
})

describe('control records on stream 0 (section 5.1)', () => {
  const record = (...parts: readonly Uint8Array[]): Frame => parse(STREAM, 0, ...parts)

  it('are padding of any bytes up to 3,072, limits, priorities and extensions', () => {
    expect(record(fromHex('00'))).toMatchObject({ control: { record: 'padding' } })
    expect(record(fromHex('00'), text(3072))).toMatchObject({ control: { record: 'padding' } })
    expect(record(fromHex('01ffffffff'))).toMatchObject({
      control: { record: 'max-streams', limit: 0xffffffff },
    })
    expect(record(fromHex('030540'))).toMatchObject({ control: { record: 'priority', id: 5, weight: 0x40 } })
    expect(record(fromHex('03'), fromHex('ffffffffffffffff'), fromHex('01'))).toMatchObject({
      control: { record: 'priority', id: 2n ** 62n - 1n, weight: 1 },
    })
    for (const kind of [64, 65, 255])
      expect(record(Uint8Array.of(kind), text(5))).toMatchObject({ control: { record: 'extension' } })
  })

  it('are malformed when empty, of kinds 4 to 63, trailing, cut, with weight 0 or a long stream id', () => {
    const bad = ['', '01', '0100000000ff', '01000000', '03', '0305', '030500', '03054000', '03400510', '0340']
    for (const hex of bad) expect(() => record(fromHex(hex)), hex).toThrow(MALFORMED)
    for (let kind = 4; kind < 64; kind++)
      expect(() => record(Uint8Array.of(kind), text(4))).toThrow(MALFORMED)
    expect(() => record(fromHex('00'), text(3073))).toThrow(MALFORMED)
  })

  it('give tickets from a server only', () => {
    const bytes = concat(fromHex('02'), u32(86_400), text(16))
    expect(parseFrame(STREAM, 0, [bytes], 21, 's')).toEqual({
      kind: 'control',
      control: { record: 'new-ticket', lifetimeSeconds: 86_400, handle: text(16) },
    })
    expect(() => parseFrame(STREAM, 0, [bytes], 21, 'c')).toThrow(MALFORMED)
    for (const length of [20, 22]) {
      const wrong = concat(bytes, zeros(1)).subarray(0, length)
      expect(() => parseFrame(STREAM, 0, [wrong], length, 's')).toThrow(MALFORMED)
    }
  })
})

describe('extension frames', () => {
  it('of types 64 to 127 are taken whatever they hold', () => {
    for (const type of [64, 127])
      expect(parse(type, undefined, text(99))).toEqual({ kind: 'extension', type })
  })
})

describe('what this side writes', () => {
  it('has the bytes of section 5', () => {
    const bytes: readonly (readonly [Uint8Array, string])[] = [
      [buildStreamHead({}), '00'],
      [buildStreamHead({ fin: true }), '01'],
      [buildStreamHead({ open: 16 }), '0810'],
      [buildStreamHead({ open: 255, fin: true }), '09ff'],
      [buildStreamHead({ reset: 0x8101 }), '028101'],
      [buildStreamHead({ stop: 0x8105 }), '048105'],
      [buildStreamHead({ reset: 0x8102, stop: 0x8102 }), '068102'],
      [buildPing(true, fromHex('0102030405060708')), '010102030405060708'],
      [buildClose(0, ''), '00000000'],
      [buildClose(0x8001, 'bye.', 16387), '800100046279652e80004003'],
      [buildPadding(3), '00000000'],
      [buildMaxStreams(512), '0100000200'],
      [buildNewTicket(86_400, text(16)), `0200015180${'61'.repeat(16)}`],
      [buildPriority(1, 64), '030140'],
    ]
    for (const [actual, expected] of bytes) expect(toHex(actual)).toBe(expected)
  })

  it('cuts a reason to 512 bytes between two characters', () => {
    for (const reason of [
      'a'.repeat(600),
      '\u6c34'.repeat(400),
      `a${'\ud800\udd51'.repeat(200)}`,
      '\u00fc'.repeat(257),
    ]) {
      const frame = parse(CLOSE, undefined, buildClose(7, reason)) as CloseFrame
      expect(reason.startsWith(frame.reason)).toBe(true)
      expect(utf8(frame.reason).length).toBeGreaterThan(508)
      expect(utf8(frame.reason).length).toBeLessThanOrEqual(512)
    }
  })
})

describe('any plaintext', () => {
  it('is a frame or MALFORMED_FRAME, and nothing else', () => {
    const type = fc.oneof(fc.constantFrom(STREAM, PING, CLOSE, KEY_UPDATE, WINDOW_UPDATE, 64, 127))
    const id = fc.oneof(fc.constantFrom(0, 1, 2), fc.bigInt(2n ** 53n, 2n ** 62n - 1n))
    fc.assert(
      fc.property(
        type,
        id,
        fc.uint8Array({ maxLength: 40 }),
        fc.constantFrom('c', 's'),
        (kind, streamId, bytes, way) => {
          try {
            const parts = bytes.length === 0 ? [] : [bytes]
            expect(
              parseFrame(kind, kind === 0 || kind === 4 ? streamId : undefined, parts, bytes.length, way),
            ).toBeDefined()
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolViolation)
            expect((error as ProtocolViolation).closeCode).toBe(7)
          }
        },
      ),
      { numRuns: 3000 },
    )
  })
})
