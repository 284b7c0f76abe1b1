import { spawnSync } from 'node:child_process'
import { describe, expect, it } from 'vitest'
import { SeededRandom, toHex } from '../../src/lib/core/index.ts'
import { SipHash24 } from '../../src/lib/crypto/index.ts'

/** The output as its 8 bytes, low byte first. */
function sipHash(key: Uint8Array, message: Uint8Array): string {
  const halves = new Int32Array(2)
  new SipHash24(key).hash(message, halves)
  const bytes = new Uint8Array(8)
  const view = new DataView(bytes.buffer)
  view.setInt32(0, halves[0] as number, true)
  view.setInt32(4, halves[1] as number, true)
  return toHex(bytes)
}

const COUNTING = Uint8Array.from({ length: 64 }, (_, i) => i)

describe('SipHash-2-4', () => {
  it.each([
    [0, '310e0edd47db6f72'],
    [1, 'fd67dc93c539f874'],
    [7, '37d1018bf50002ab'],
    [8, '6224939a79f5f593'],
    [15, 'e545be4961ca29a1'],
    [32, 'ce7cf2722f512771'],
    [63, '724506eb4c328a95'],
  ])('gives what the reference implementation gives for %i counting bytes', (length, expected) => {
    expect(sipHash(COUNTING.subarray(0, 16), COUNTING.subarray(0, length))).toBe(expected)
  })

  it('agrees with OpenSSL for random keys and messages', (context) => {
    const random = new SeededRandom(20_261_123)
    for (let length = 0; length < 40; length += 3) {
      const key = random.bytes(16)
      const message = random.bytes(length)
      const options = ['-macopt', `hexkey:${toHex(key)}`, '-macopt', 'size:8', 'SIPHASH']
      const openssl = spawnSync('openssl', ['mac', ...options], { input: message, encoding: 'utf8' })
      if (openssl.status !== 0) return context.skip('this openssl has no SipHash')
      expect(sipHash(key, message)).toBe(openssl.stdout.trim().toLowerCase())
    }
  })

  it('refuses keys of another length', () => {
    expect(() => new SipHash24(new Uint8Array(15))).toThrowError(
      expect.objectContaining({ code: 'E_CRYPTO' }),
    )
  })
})
