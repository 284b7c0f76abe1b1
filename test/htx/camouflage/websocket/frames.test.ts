import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AivError, EMPTY, SeededRandom } from '../../../../src/lib/core/index.ts'
import { FrameDecoder, type MessageSink } from '../../../../src/lib/htx/camouflage/websocket/frame-decoder.ts'
import { FrameEncoder } from '../../../../src/lib/htx/camouflage/websocket/frame-encoder.ts'
import { clientFrame, readFrames } from '../../../link/websocket-frames.ts'

class Seen implements MessageSink {
  readonly bytes: number[] = []
  readonly events: string[] = []
  data(bytes: Uint8Array): void {
    for (const byte of bytes) this.bytes.push(byte)
  }
  emptyMessage(): void {
    this.events.push('empty')
  }
  ping(payload: Uint8Array): void {
    this.events.push(`ping ${payload.length}`)
  }
  close(code: number | undefined): void {
    this.events.push(`close ${code}`)
  }
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(parts.flatMap((part) => [...part]))
}

function failureOf(...bytes: readonly number[]): string {
  const decoder = new FrameDecoder('client', new Seen())
  try {
    decoder.push(Uint8Array.from(bytes))
  } catch (error) {
    if (error instanceof AivError) return `${error.code} ${error.message}`
    throw error
  }
  return 'accepted'
}

const MASK = [0, 0, 0, 0]

describe('frames that are sent', () => {
  it.each([0, 1, 63, 64, 65, 125, 126, 127, 65_535, 65_536, 66_560])(
    'a client masks %i bytes, in one frame whose length is in its shortest form',
    (length) => {
      const payload = new SeededRandom(length).bytes(length)
      const kept = payload.slice()
      const encoder = new FrameEncoder('client', new SeededRandom(7))
      const [frame, ...more] = readFrames(joined(encoder.binary(payload)))
      expect(more).toEqual([])
      expect(frame).toMatchObject({ fin: true, rsv: 0, opcode: 2 })
      expect(frame?.mask).toBeDefined()
      expect(Buffer.compare(frame?.payload as Uint8Array, kept)).toBe(0)
      expect(Buffer.compare(payload, kept)).toBe(0)
    },
  )

  it('a client takes a fresh mask for each frame', () => {
    const encoder = new FrameEncoder('client', new SeededRandom(3))
    const masks = Array.from({ length: 500 }, () =>
      Buffer.from(readFrames(joined(encoder.binary(Uint8Array.of(1))))[0]?.mask ?? EMPTY).toString('hex'),
    )
    expect(new Set(masks).size).toBe(500)
  })

  it('a server does not mask', () => {
    const encoder = new FrameEncoder('server', new SeededRandom(3))
    const frames = readFrames(
      joined([
        ...encoder.binary(Uint8Array.of(1, 2)),
        ...encoder.pong(Uint8Array.of(3)),
        ...encoder.close(1000),
      ]),
    )
    expect(frames.map(({ opcode, mask, payload }) => [opcode, mask, [...payload]])).toEqual([
      [2, undefined, [1, 2]],
      [10, undefined, [3]],
      [8, undefined, [0x03, 0xe8]],
    ])
  })
})

describe('frames that come', () => {
  it('give their payload back however they are cut', () => {
    const payloads = fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 8 })
    fc.assert(
      fc.property(payloads, fc.infiniteStream(fc.integer({ min: 1, max: 90 })), (messages, cuts) => {
        const wire = joined(messages.map((message) => clientFrame(2, message)))
        const seen = new Seen()
        const decoder = new FrameDecoder('client', seen)
        for (let at = 0; at < wire.length; ) {
          const size = cuts.next().value as number
          decoder.push(wire.slice(at, at + size))
          at += size
        }
        expect(seen.bytes).toEqual(messages.flatMap((message) => [...message]))
        expect(seen.events).toEqual(messages.filter(({ length }) => length === 0).map(() => 'empty'))
      }),
    )
  })

  it('may come in fragments, with control frames between them', () => {
    const seen = new Seen()
    new FrameDecoder('client', seen).push(
      joined([
        clientFrame(2, Uint8Array.of(1), { fin: false }),
        clientFrame(9, Uint8Array.of(7, 7)),
        clientFrame(10, EMPTY),
        clientFrame(0, EMPTY, { fin: false }),
        clientFrame(0, Uint8Array.of(2)),
        clientFrame(8, Uint8Array.of(0x03, 0xe9)),
        clientFrame(2, Uint8Array.of(9)),
      ]),
    )
    expect(seen.bytes).toEqual([1, 2])
    expect(seen.events).toEqual(['ping 2', 'close 1001'])
  })

  it.each([
    ['reserved bits', [0xc2, 0x80]],
    ['no mask from a client', [0x82, 0x01]],
    ['a long form of a short length, 16 bits', [0x82, 0xfe, 0, 125, ...MASK]],
    ['a long form of a short length, 64 bits', [0x82, 0xff, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...MASK]],
    ['a length beyond every number', [0x82, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, ...MASK]],
    ['a message of 16 MiB and a byte', [0x82, 0xff, 0, 0, 0, 0, 1, 0, 0, 1, ...MASK]],
    ['a text message', [0x81, 0x80, ...MASK]],
    ['an unknown data frame', [0x83, 0x80, ...MASK]],
    ['an unknown control frame', [0x8b, 0x80, ...MASK]],
    ['a continuation of nothing', [0x80, 0x80, ...MASK]],
    ['a message within a message', [0x02, 0x80, ...MASK, 0x82, 0x80, ...MASK]],
    ['a control frame in parts', [0x09, 0x80, ...MASK]],
    ['a control frame of 126 bytes', [0x89, 0xfe, 0, 126, ...MASK]],
    ['half a close code', [0x88, 0x81, ...MASK, 3]],
  ])('are refused: %s', (_name, bytes) => {
    expect(failureOf(...bytes)).toMatch(/^E_MALFORMED the peer sent /)
  })

  it('are refused when a message consists of empty parts', () => {
    const part = [0x00, 0x80, ...MASK]
    const begin = [0x02, 0x80, ...MASK]
    expect(failureOf(...begin, ...Array.from({ length: 31 }, () => part).flat())).toBe('accepted')
    expect(failureOf(...begin, ...Array.from({ length: 32 }, () => part).flat())).toMatch(/^E_MALFORMED/)
  })

  it('of a server are refused when they are masked', () => {
    const decoder = new FrameDecoder('server', new Seen())
    expect(() => decoder.push(Uint8Array.of(0x82, 0x80))).toThrow(/with a mask/)
  })

  it('end in a typed error or are read, whatever they are', () => {
    const random = new SeededRandom(20_000)
    for (let i = 0; i < 20_000; i++) {
      const bytes = random.bytes(1 + (i % 64))
      // Otherwise nearly all would fail in their second byte.
      bytes[0] = [0x82, 0x02, 0x80, 0x89, 0x88, bytes[0] as number][i % 6] as number
      if (bytes.length > 1) (bytes[1] as number) |= 0x80
      expect(failureOf(...bytes)).toMatch(/^(accepted|E_MALFORMED the peer sent .*)$/)
    }
  })
})
