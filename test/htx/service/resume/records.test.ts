/** The memory of what records carry. */
import { describe, expect, it } from 'vitest'
import { concat, releaseBuffers, SeededRandom } from '../../../../src/lib/core/index.ts'
import { encodeAck, encodeDataHead, RecordReader } from '../../../../src/lib/htx/service/resume/records.ts'

function recordsOf(data: readonly Uint8Array[]): Uint8Array {
  return concat(...data.flatMap((bytes, i) => [encodeDataHead(bytes.length), bytes, encodeAck(i)]))
}

function cut(bytes: Uint8Array, length: number): Uint8Array[] {
  const chunks: Uint8Array[] = []
  for (let at = 0; at < bytes.length; at += length) chunks.push(bytes.slice(at, at + length))
  return chunks
}

describe('a piece of a link', () => {
  it.each([4096, 5000, 65_535, 65_541, 200_000])(
    'of %i bytes is freed with the last part of it that is released, and no sooner',
    (length) => {
      const random = new SeededRandom(length)
      const data = [65_536, 10, 1, 40_000, 65_536, 5000].map((bytes) => random.bytes(bytes))
      const chunks = cut(recordsOf(data), length)
      const sizes = chunks.map((chunk) => chunk.length)
      const parts: { readonly bytes: Uint8Array; readonly copy: Uint8Array }[] = []
      const reader = new RecordReader({
        data: (bytes) => parts.push({ bytes, copy: bytes.slice() }),
        ack: () => {},
        end: () => {},
        aborted: () => {},
      })
      for (const chunk of chunks) reader.push(chunk)
      expect(concat(...parts.map(({ copy }) => copy))).toEqual(concat(...data))
      while (parts.length > 0) {
        const at = (random.bytes(1)[0] as number) % parts.length
        const [{ bytes, copy }] = parts.splice(at, 1) as [(typeof parts)[number]]
        expect(bytes).toEqual(copy)
        releaseBuffers([bytes])
      }
      expect(chunks.map((chunk) => chunk.length)).toEqual(sizes.map((size) => (size < 4096 ? size : 0)))
    },
  )

  it('is freed at once when each part is released as it comes', () => {
    const data = [new Uint8Array(9000).fill(1), new Uint8Array(9000).fill(2)]
    const chunk = recordsOf(data)
    const seen: number[] = []
    const reader = new RecordReader({
      data: (bytes) => {
        seen.push(bytes.length)
        releaseBuffers([bytes])
      },
      ack: (count) => seen.push(count),
      end: () => {},
      aborted: () => {},
    })
    reader.push(chunk)
    expect(seen).toEqual([9000, 0, 9000, 1])
    expect(chunk.length).toBe(0)
  })
})
