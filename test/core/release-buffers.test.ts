import { describe, expect, it } from 'vitest'
import { releaseBuffers, releaseInParts } from '../../src/lib/core/index.ts'

describe('arrays that are given back', () => {
  it('are empty afterwards and hold no memory', () => {
    const chunks = [new Uint8Array(4096).fill(1), Buffer.alloc(70_000, 2)]
    releaseBuffers(chunks)
    expect(chunks.map(({ length, buffer }) => [length, buffer.byteLength])).toEqual([
      [0, 0],
      [0, 0],
    ])
  })

  it('stay as they are when they are a part of a buffer, small, or shared with another thread', () => {
    const whole = new Uint8Array(10_000).fill(3)
    const kept = [
      whole.subarray(1),
      whole.subarray(0, 9999),
      new Uint8Array(4095).fill(3),
      Buffer.from('x'.repeat(100)),
      new Uint8Array(new SharedArrayBuffer(8192)).fill(3),
    ]
    const before = kept.map((chunk) => [...chunk])
    releaseBuffers(kept)
    expect(kept.map((chunk) => [...chunk])).toEqual(before)
    expect(whole.length).toBe(10_000)
  })

  it('may be given back twice', () => {
    const chunk = new Uint8Array(8192)
    releaseBuffers([chunk])
    releaseBuffers([chunk, chunk])
    expect(chunk.length).toBe(0)
  })
})

describe('a buffer that is released in parts', () => {
  const parts = (): { readonly whole: Uint8Array; readonly all: readonly Uint8Array[] } => {
    const whole = new Uint8Array(10_000).fill(4)
    return { whole, all: [whole.subarray(0, 3), whole.subarray(3, 9000), whole.subarray(9000)] }
  }

  it('is empty after the last of them, in whatever order they come', () => {
    for (const order of [
      [0, 1, 2],
      [2, 0, 1],
      [1, 2, 0],
    ]) {
      const { whole, all } = parts()
      releaseInParts(whole)
      const lengths = order.map((index) => {
        releaseBuffers([all[index] as Uint8Array])
        return whole.length
      })
      expect(lengths).toEqual([10_000, 10_000, 0])
    }
  })

  it('stays while one of them is in use', () => {
    const { whole, all } = parts()
    releaseInParts(whole)
    releaseBuffers(all.slice(1))
    expect(all[0]).toEqual(new Uint8Array(3).fill(4))
  })

  it('is none when it is itself a part, or small', () => {
    for (const whole of [new Uint8Array(20_000).subarray(0, 10_000), new Uint8Array(4000)]) {
      releaseInParts(whole)
      releaseBuffers([whole.subarray(0, 1), whole.subarray(1)])
      expect(whole.length).toBeGreaterThan(0)
    }
  })
})
