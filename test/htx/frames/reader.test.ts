import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, encodeVarint, fromHex, toHex } from '../../../src/lib/core/index.ts'
import { FrameReader, type SealedFrame } from '../../../src/lib/htx/frames/index.ts'
import { heldBytes } from '../../support/session-heap.ts'

const MALFORMED = expect.objectContaining({ name: 'ProtocolViolation', closeCode: 7 })
const MAX_FRAME = 16_384

function frame(type: number, streamId: number | bigint | undefined, length: number, fill = 0xab): Uint8Array {
  const id = streamId === undefined ? new Uint8Array(0) : encodeVarint(streamId)
  const head = Uint8Array.of(length >>> 16, length >>> 8, length, type)
  return concat(head, id, new Uint8Array(length).fill(fill), new Uint8Array(16).fill(fill ^ 0xff))
}

function readAll(reader: FrameReader): SealedFrame[] {
  const out: SealedFrame[] = []
  for (let next = reader.next(); next !== undefined; next = reader.next()) out.push(next)
  return out
}

describe('the frame reader', () => {
  it('gives header, id, ciphertext and tag of each frame, however the bytes are cut', () => {
    const kinds = fc.record({
      type: fc.constantFrom(0, 1, 2, 3, 4, 64, 127),
      id: fc.oneof(fc.nat(70), fc.nat(20_000), fc.nat(2 ** 31 - 1), fc.bigInt(2n ** 53n, 2n ** 62n - 1n)),
      length: fc.nat(60),
    })
    const cuts = fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(fc.array(kinds, { maxLength: 8 }), cuts, (frames, sizes) => {
        const wire = concat(
          ...frames.map(({ type, id, length }) =>
            frame(type, type === 0 || type === 4 ? id : undefined, length),
          ),
        )
        const reader = new FrameReader(MAX_FRAME)
        const got: SealedFrame[] = []
        for (let at = 0, turn = 0; at < wire.length; turn++) {
          const size = sizes[turn % sizes.length] as number
          reader.push(wire.subarray(at, at + size))
          at += size
          got.push(...readAll(reader))
        }
        expect(reader.incomplete).toBe(false)
        expect(reader.buffered).toBe(0)
        const back = got.map(({ header, ciphertext, tag }) => concat(header, ...ciphertext, tag))
        expect(toHex(concat(...back))).toBe(toHex(wire))
        for (const [index, { type, id, length }] of frames.entries()) {
          expect(got[index]).toMatchObject({ type, length })
          const expected = type === 0 || type === 4 ? BigInt(id) : undefined
          const streamId = got[index]?.streamId
          expect(streamId === undefined ? undefined : BigInt(streamId)).toBe(expected)
        }
      }),
    )
  })

  it('takes a length up to MAX_FRAME and refuses one more, by the header alone', () => {
    const reader = new FrameReader(MAX_FRAME)
    reader.push(frame(1, undefined, MAX_FRAME))
    expect(reader.next()?.length).toBe(MAX_FRAME)
    reader.push(Uint8Array.of(0, 0x40, 0x01, 1))
    expect(() => reader.next()).toThrow(MALFORMED)
  })

  it('refuses a claim of 16 MiB before anything of it has arrived', () => {
    const reader = new FrameReader(1_048_576)
    reader.push(fromHex('ffffff00'))
    expect(() => reader.next()).toThrow(MALFORMED)
  })

  it('refuses every type that must not occur', () => {
    for (let type = 0; type < 256; type++) {
      const reader = new FrameReader(MAX_FRAME)
      reader.push(frame(type, type === 0 || type === 4 ? 1 : undefined, 1))
      if (type <= 4 || (type >= 64 && type <= 127)) expect(reader.next()?.type).toBe(type)
      else expect(() => reader.next()).toThrow(MALFORMED)
    }
  })

  it('refuses a stream id that is not in its shortest form', () => {
    for (const id of ['4001', '403f', '80000001', '80003fff', 'c000000000000001', 'c00000003fffffff']) {
      for (const type of ['00', '04']) {
        const reader = new FrameReader(MAX_FRAME)
        reader.push(fromHex(`000002${type}${id}`))
        expect(() => reader.next()).toThrow(MALFORMED)
      }
    }
  })

  it('knows an incomplete frame at every byte', () => {
    const wire = frame(0, 16_387, 30)
    for (let length = 1; length < wire.length; length++) {
      const reader = new FrameReader(MAX_FRAME)
      reader.push(wire.subarray(0, length))
      expect(reader.next()).toBeUndefined()
      expect(reader.incomplete).toBe(true)
    }
  })

  it('forgets everything when told to', () => {
    const reader = new FrameReader(MAX_FRAME)
    reader.push(frame(1, undefined, 30).subarray(0, 20))
    expect(reader.next()).toBeUndefined()
    reader.discard()
    expect([reader.incomplete, reader.buffered]).toEqual([false, 0])
    reader.push(frame(2, undefined, 4))
    expect(reader.next()?.type).toBe(2)
  })

  it('hands out bytes that later bytes do not change', () => {
    const reader = new FrameReader(MAX_FRAME)
    for (const byte of frame(1, undefined, 20, 0x11)) reader.push(Uint8Array.of(byte))
    const first = reader.next() as SealedFrame
    for (const byte of frame(1, undefined, 20, 0x22)) reader.push(Uint8Array.of(byte))
    readAll(reader)
    expect(toHex(concat(...first.ciphertext))).toBe('11'.repeat(20))
  })

  it('reads a frame of a mebibyte that comes byte by byte in linear time and little memory', () => {
    const most = 1_048_576
    const wire = frame(64, undefined, most)
    const reader = new FrameReader(most)
    const before = heldBytes()
    const started = performance.now()
    for (let at = 0; at < wire.length - 1; at++) {
      // A socket gives each read its own memory.
      reader.push(wire.slice(at, at + 1))
      if ((at & 0xff) === 0) reader.next()
    }
    const held = heldBytes() - before
    reader.push(wire.slice(-1))
    const whole = reader.next() as SealedFrame
    const parts = whole.ciphertext.length
    expect(performance.now() - started).toBeLessThan(5_000)
    expect(held).toBeLessThan(3 * 1_048_576)
    expect(parts).toBeLessThan(5_000)
    expect(toHex(concat(...whole.ciphertext.slice(0, 2)))).toMatch(/^(ab)+$/)
  })
})
