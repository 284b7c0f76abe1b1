import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, u16, u32, u64, utf8 } from '../../../src/lib/core/index.ts'
import { ProtocolViolation } from '../../../src/lib/htx/codes.ts'
import {
  buildClose12,
  buildStreamHead12,
  buildWindowUpdate12,
  parseFrame12,
} from '../../../src/lib/htx/spec12/frames.ts'
import { TrafficKeys } from '../../../src/lib/htx/spec12/keys.ts'
import { FRAME_1_2 } from '../../../src/lib/htx/spec12/types.ts'
import { FrameReader12, sealFrame12 } from '../../../src/lib/htx/spec12/wire.ts'

const u32Value = fc.integer({ min: 1, max: 0xffffffff })

describe('1.2 plaintexts', () => {
  it('of STREAM give back what was put in', () => {
    fc.assert(
      fc.property(
        u32Value,
        fc.boolean(),
        fc.bigInt(0n, 2n ** 64n - 1n),
        fc.uint8Array({ maxLength: 300 }),
        (id, fin, offset, data) => {
          const plaintext = concat(buildStreamHead12(fin, offset, data.length), data)
          expect(parseFrame12(FRAME_1_2.STREAM, id, plaintext)).toEqual({
            kind: 'stream',
            id,
            fin,
            offset,
            data,
          })
        },
      ),
    )
  })

  it('of WINDOW_UPDATE and CLOSE give back what was put in', () => {
    fc.assert(
      fc.property(fc.nat(0xffffffff), u32Value, fc.nat(0xffff), fc.string(), (id, credit, code, text) => {
        const reason = text.toWellFormed()
        expect(parseFrame12(FRAME_1_2.WINDOW_UPDATE, id, buildWindowUpdate12(id, credit))).toEqual({
          kind: 'window-update',
          id,
          credit,
        })
        expect(parseFrame12(FRAME_1_2.CLOSE, 0, buildClose12(code, reason))).toEqual({
          kind: 'close',
          code,
          reason,
        })
      }),
    )
  })

  it.each<[string, number, number, Uint8Array]>([
    ['STREAM on stream 0', 0, 0, buildStreamHead12(false, 0, 0)],
    ['STREAM cut short', 0, 1, buildStreamHead12(false, 0, 0).subarray(1)],
    ['STREAM with an undefined flag', 0, 1, concat(Uint8Array.of(2), u64(0), u16(0))],
    ['STREAM with less data than it says', 0, 1, concat(buildStreamHead12(false, 0, 2), Uint8Array.of(1))],
    ['STREAM with more data than it says', 0, 1, concat(buildStreamHead12(false, 0, 0), Uint8Array.of(1))],
    ['WINDOW_UPDATE of 4 bytes', 1, 1, u32(1)],
    ['WINDOW_UPDATE of an unknown scope', 1, 1, concat(Uint8Array.of(2), u32(1))],
    ['WINDOW_UPDATE of a stream for the connection', 1, 1, buildWindowUpdate12(0, 1)],
    ['WINDOW_UPDATE of the connection for a stream', 1, 0, buildWindowUpdate12(1, 1)],
    ['WINDOW_UPDATE without credit', 1, 1, buildWindowUpdate12(1, 0)],
    ['PING of 7 bytes', 2, 0, new Uint8Array(7)],
    ['PING of 9 bytes', 2, 0, new Uint8Array(9)],
    ['PING on a stream', 2, 1, new Uint8Array(8)],
    ['KEY_UPDATE with a payload', 3, 0, u32(1)],
    ['CLOSE cut short', 4, 0, u16(0)],
    ['CLOSE with less than it says', 4, 0, concat(u16(0), u16(2), utf8('x'))],
    ['CLOSE with more than it says', 4, 0, concat(u16(0), u16(0), utf8('x'))],
    ['CLOSE with a reason that is no UTF-8', 4, 0, concat(u16(0), u16(1), Uint8Array.of(0xff))],
    ['a type of 1.1 extensions', 64, 0, new Uint8Array(0)],
    ['the next type', 5, 0, new Uint8Array(0)],
  ])('%s is malformed', (_name, type, id, plaintext) => {
    expect(() => parseFrame12(type, id, plaintext)).toThrow(ProtocolViolation)
  })
})

describe('1.2 frames on the wire', () => {
  const keys = (): TrafficKeys => new TrafficKeys('c', new Uint8Array(32).fill(7))

  it('are cut at their borders, however they arrive', () => {
    fc.assert(
      fc.property(
        fc.array(fc.uint8Array({ maxLength: 2000 }), { maxLength: 8 }),
        fc.integer({ min: 1, max: 1500 }),
        (payloads, step) => {
          const sender = keys()
          const out: Uint8Array[] = []
          for (const payload of payloads)
            sealFrame12(sender, FRAME_1_2.PATH_CONTROL, 0, [payload], payload.length, out)
          const wire = concat(...out)
          const reader = new FrameReader12()
          const lengths: number[] = []
          for (let at = 0; at < wire.length; at += step) {
            reader.push(wire.slice(at, at + step))
            for (let frame = reader.next(); frame !== undefined; frame = reader.next())
              lengths.push(frame.length)
          }
          expect(lengths).toEqual(payloads.map(({ length }) => length))
          expect(reader.incomplete).toBe(false)
        },
      ),
    )
  })

  it.each([
    ['shorter than header and tag', '000016'],
    ['beyond 65,535 bytes in all', '00fffd'],
    ['of the greatest length', 'ffffff'],
    ['of an unknown type', '00001705000000000000'],
    ['with further associated data', '00001702000000000001'],
  ])('a frame %s is refused by its header alone', (_name, hex) => {
    const reader = new FrameReader12()
    reader.push(fromHex(hex))
    expect(() => reader.next()).toThrow(ProtocolViolation)
  })

  it('the shortest and the longest are taken', () => {
    for (const hex of ['000017', '00fffc']) {
      const reader = new FrameReader12()
      reader.push(fromHex(hex))
      expect(reader.next()).toBeUndefined()
      expect(reader.incomplete).toBe(true)
    }
  })

  it('any bytes give frames or a typed error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.nat(0x21), fc.nat(3), (bytes, type, id) => {
        const reader = new FrameReader12()
        reader.push(bytes)
        for (const read of [() => reader.next(), () => parseFrame12(type, id, bytes)]) {
          try {
            read()
          } catch (error) {
            expect(error).toBeInstanceOf(ProtocolViolation)
          }
        }
      }),
      { numRuns: 20_000 },
    )
  })
})
