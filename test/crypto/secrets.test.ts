import { describe, expect, it } from 'vitest'
import { constantTimeEqual, erase, systemRandom } from '../../src/lib/crypto/index.ts'

describe('secrets', () => {
  it('are equal only when every byte and the length are', () => {
    const a = Uint8Array.of(1, 2, 3)
    expect(constantTimeEqual(a, Uint8Array.of(1, 2, 3))).toBe(true)
    expect(constantTimeEqual(a, Uint8Array.of(1, 2, 4))).toBe(false)
    expect(constantTimeEqual(a, Uint8Array.of(1, 2))).toBe(false)
    expect(constantTimeEqual(new Uint8Array(0), new Uint8Array(0))).toBe(true)
  })

  it('are zero after erase, through every view of the same memory', () => {
    const memory = new Uint8Array(8).fill(9)
    erase(memory.subarray(2, 4), undefined, memory.subarray(6))
    expect([...memory]).toEqual([9, 9, 0, 0, 9, 9, 0, 0])
  })
})

describe('the system random source', () => {
  it('gives the length asked for, and never the same 16 bytes twice', () => {
    expect(systemRandom.bytes(0).length).toBe(0)
    const seen = new Set(Array.from({ length: 1000 }, () => systemRandom.bytes(16).join()))
    expect(seen.size).toBe(1000)
  })
})
