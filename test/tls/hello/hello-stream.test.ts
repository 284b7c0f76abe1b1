import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, u16, utf8 } from '../../../src/lib/core/index.ts'
import { HelloStream } from '../../../src/lib/tls/hello/hello-stream.ts'
import { type Captured, capturedHellos } from './captured.ts'

const captured = capturedHellos()

function hellosIn(pieces: readonly Uint8Array[]): {
  readonly messages: readonly Uint8Array[]
  readonly stream: HelloStream
} {
  const stream = new HelloStream()
  return { messages: pieces.flatMap((piece) => stream.push(piece)), stream }
}

function cut(bytes: Uint8Array, places: readonly number[]): readonly Uint8Array[] {
  const ends = [...new Set(places.map((place) => place % bytes.length)), 0, bytes.length].sort(
    (a, b) => a - b,
  )
  return ends.slice(1).map((end, i) => bytes.subarray(ends[i], end))
}

/** The same bytes in records of other lengths. */
function inRecords(message: Uint8Array, length: number): Uint8Array {
  const records: Uint8Array[] = []
  for (let at = 0; at < message.length; at += length) {
    const fragment = message.subarray(at, at + length)
    records.push(Uint8Array.of(22, 3, 1), u16(fragment.length), fragment)
  }
  return concat(...records)
}

describe.runIf(captured.length > 0)('the hellos of one side', () => {
  const named = (end: string): Captured => captured.find(({ name }) => name.endsWith(end)) as Captured
  const messageOf = ({ bytes, body }: Captured): Uint8Array => bytes.subarray(5, 9 + body.length)

  it('are found however the bytes come', () => {
    fc.assert(
      fc.property(fc.nat(captured.length - 1), fc.array(fc.nat(3000), { maxLength: 20 }), (which, places) => {
        const capture = captured[which] as Captured
        const { messages } = hellosIn(cut(capture.bytes, places))
        expect(Buffer.compare(messages[0] as Uint8Array, messageOf(capture))).toBe(0)
      }),
    )
  })

  it('are found one byte at a time, and in records of one byte', () => {
    const capture = named('clienthello-1.bin')
    const single = cut(capture.bytes, [...capture.bytes.keys()])
    expect(hellosIn(single).messages).toEqual([messageOf(capture)])
    expect(hellosIn([inRecords(messageOf(capture), 1)]).messages).toEqual([messageOf(capture)])
  })

  it('are two when the server asked for another one', () => {
    const { messages, stream } = hellosIn([named('full-hrr-1.c2s.bin').bytes])
    const bodies = ['hrr-ch1.bin', 'hrr-ch2.bin'].map((end) => messageOf(named(end)).length)
    expect(messages.map(({ length }) => length)).toEqual(bodies)
    expect(stream.isDone).toBe(true)
    expect(stream.fault).toBeUndefined()
  })

  it.each([
    'CONNECT example.test:443 HTTP/1.1\r\nHost: example.test\r\n\r\n',
    'EHLO me\r\nSTARTTLS\r\n',
    '\x05\x01\x00\x05\x01\x00\x01\x0a\x00\x00\x01\x01\xbb',
    '\x16\x16\x03',
  ])('are found behind %j', (words) => {
    const capture = named('clienthello-2.bin')
    fc.assert(
      fc.property(fc.array(fc.nat(3000), { maxLength: 5 }), (places) => {
        const bytes = concat(utf8(words), capture.bytes)
        expect(hellosIn(cut(bytes, places)).messages).toEqual([messageOf(capture)])
      }),
      { numRuns: 30 },
    )
  })

  it('end with the first record that is no handshake', () => {
    const { stream } = hellosIn([named('full-h2-1.c2s.bin').bytes])
    expect(stream.isDone).toBe(true)
    expect(stream.push(named('clienthello-1.bin').bytes)).toEqual([])
  })
})

describe('bytes without a hello', () => {
  it('are given up after some', () => {
    const stream = new HelloStream()
    const piece = new Uint8Array(1000).fill(22)
    let taken = 0
    while (!stream.isDone && taken < 100) {
      expect(stream.push(piece)).toEqual([])
      taken++
    }
    expect(stream.fault).toBe('no-hello')
    expect(taken).toBeLessThan(20)
  })

  it('are a hello that is too large when they say so', () => {
    const stream = new HelloStream()
    stream.push(concat(Uint8Array.of(22, 3, 1, 0, 10, 1, 1, 0, 0, 3, 3), new Uint8Array(4)))
    expect(stream.fault).toBe('too-large')
  })

  it('of any kind end in a typed way', () => {
    fc.assert(
      fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 20 }), (pieces) => {
        hellosIn([Uint8Array.of(22, 3, 1, 0, 200, 1, 0, 0, 196, 3, 3), ...pieces])
        hellosIn(pieces)
      }),
    )
  })
})
