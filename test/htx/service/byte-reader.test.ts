/** Reading exact counts from a stream that gives bytes as it likes. */
import { PassThrough } from 'node:stream'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AivError, concat, fromHex, toHex } from '../../../src/lib/core/index.ts'
import { ByteReader } from '../../../src/lib/htx/service/byte-reader.ts'
import { failureOf } from '../../support/file-exchange.ts'

const TEN = fromHex('00010203040506070809')

describe('a reader', () => {
  it('gives what was asked for, however the bytes come', async () => {
    const cuts = fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 5 })
    await fc.assert(
      fc.asyncProperty(cuts, fc.integer({ min: 1, max: 9 }), async (at, count) => {
        const stream = new PassThrough()
        const reader = new ByteReader(stream)
        const first = reader.exactly(count)
        const borders = [0, ...at.toSorted((a, b) => a - b), 10]
        for (const [i, border] of borders.entries())
          if (i > 0) stream.write(TEN.subarray(borders[i - 1], border))
        stream.end()
        expect(toHex(await first)).toBe(toHex(TEN.subarray(0, count)))
        expect(toHex(await reader.exactly(10 - count))).toBe(toHex(TEN.subarray(count)))
        expect(await reader.atEnd()).toBe(true)
      }),
      { numRuns: 300, seed: 1 },
    )
  })

  it('gives items by their length, and refuses longer ones before they have come', async () => {
    const stream = new PassThrough()
    const reader = new ByteReader(stream)
    stream.write(fromHex('0261620040404142'))
    expect(toHex(await reader.item(2))).toBe('6162')
    expect(toHex(await reader.item(2))).toBe('')
    expect(await failureOf(reader.item(63))).toMatch(/^E_MALFORMED: an item of 64 bytes where 63/)
  })

  it('gives chunks up to a size, in order, until the end', async () => {
    const stream = new PassThrough()
    const reader = new ByteReader(stream)
    stream.end(TEN)
    const parts: Uint8Array[] = []
    for (;;) {
      const chunk = await reader.chunk(4)
      if (chunk === undefined) break
      expect(chunk.length).toBeLessThanOrEqual(4)
      parts.push(chunk)
    }
    expect(toHex(concat(...parts))).toBe(toHex(TEN))
    expect(await reader.chunk(4)).toBeUndefined()
  })

  it('knows whether the stream has ended without losing what comes next', async () => {
    const stream = new PassThrough()
    const reader = new ByteReader(stream)
    stream.write(TEN)
    expect(await reader.atEnd()).toBe(false)
    expect(toHex(await reader.exactly(10))).toBe(toHex(TEN))
    stream.end()
    expect(await reader.atEnd()).toBe(true)
  })

  it('says that the stream ended too early', async () => {
    const stream = new PassThrough()
    const reader = new ByteReader(stream)
    stream.end(TEN)
    expect(await failureOf(reader.exactly(11))).toMatch(/^E_MALFORMED: .*early/)
  })

  it('rejects with what broke the stream, before and while it waits', async () => {
    for (const isWaiting of [true, false]) {
      const stream = new PassThrough()
      const reader = new ByteReader(stream)
      const waiting = isWaiting ? failureOf(reader.exactly(1)) : undefined
      stream.destroy(new AivError('E_LINK_LOST', 'cut'))
      await new Promise((resolve) => stream.once('close', resolve))
      expect(await (waiting ?? failureOf(reader.exactly(1)))).toBe('E_LINK_LOST: cut')
    }
  })

  it('rejects when the stream is dropped without a reason', async () => {
    const stream = new PassThrough()
    const reader = new ByteReader(stream)
    const waiting = failureOf(reader.chunk(1))
    stream.destroy()
    expect(await waiting).toMatch(/^E_STREAM_RESET: /)
  })

  it('stops a parser that is never satisfied', async () => {
    const stream = new PassThrough()
    const reader = new ByteReader(stream)
    stream.write(new Uint8Array(101))
    expect(await failureOf(reader.parse(() => undefined, 100))).toMatch(/^E_MALFORMED: /)
  })

  it('leaves what it has not given to the next reader of the stream', async () => {
    const stream = new PassThrough()
    const reader = new ByteReader(stream)
    stream.write(TEN)
    await reader.exactly(3)
    reader.release()
    stream.write(Uint8Array.of(10))
    stream.end()
    const parts: Uint8Array[] = []
    for await (const chunk of stream) parts.push(chunk as Uint8Array)
    expect(toHex(concat(...parts))).toBe('030405060708090a')
  })
})
