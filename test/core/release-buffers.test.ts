import { describe, expect, it } from 'vitest'
import { releaseBuffers } from '../../src/lib/core/index.ts'

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
