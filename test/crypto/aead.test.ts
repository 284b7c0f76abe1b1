import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { concat, EMPTY, fromHex, toHex, utf8 } from '../../src/lib/core/index.ts'
import { providers } from './providers.ts'

const cryptoError = expect.objectContaining({ name: 'AivError', code: 'E_CRYPTO' })

const SUNSCREEN = utf8(
  "Ladies and Gentlemen of the class of '99: If I could offer you only one tip for the future, sunscreen would be it.",
)
const AAD = fromHex('50515253c0c1c2c3c4c5c6c7')
const KEY = Uint8Array.from({ length: 32 }, (_, i) => 0x80 + i)

/** RFC 8439 section 2.8.2 and draft-irtf-cfrg-xchacha-03 appendix A.3.1. */
const VECTORS = {
  chacha20poly1305: {
    nonce: '070000004041424344454647',
    sealed:
      'd31a8d34648e60db7b86afbc53ef7ec2a4aded51296e08fea9e2b5a736ee62d63dbea45e8ca9671282fafb69da92728b1a71de0a9e060b2905d6a5b67ecd3b3692ddbd7f2d778b8c9803aee328091b58fab324e4fad675945585808b4831d7bc3ff4def08e4b7a9de576d26586cec64b6116' +
      '1ae10b594f09e26a7e902ecbd0600691',
  },
  xchacha20poly1305: {
    nonce: '404142434445464748494a4b4c4d4e4f5051525354555657',
    sealed:
      'bd6d179d3e83d43b9576579493c0e939572a1700252bfaccbed2902c21396cbb731c7f1b0b4aa6440bf3a82f4eda7e39ae64c6708c54c216cb96b72e1213b4522f8c9ba40db5d945b11b69b982c1bb9e3f3fac2bc369488f76b2383565d3fff921f9664c97637da9768812f615c68b13b52e' +
      'c0875924c1c7987947deafd8780acf49',
  },
} as const

describe.each(providers)('AEADs of the $name provider', (provider) => {
  describe.each(['chacha20poly1305', 'xchacha20poly1305'] as const)('%s', (name) => {
    const aead = provider[name]
    const nonce = fromHex(VECTORS[name].nonce)
    const sealed = fromHex(VECTORS[name].sealed)

    it('matches the published vector in both directions', () => {
      expect(toHex(aead.seal(KEY, nonce, AAD, SUNSCREEN))).toBe(VECTORS[name].sealed)
      expect(aead.open(KEY, nonce, AAD, sealed)).toEqual(SUNSCREEN)
    })

    it('opens nothing when any bit of ciphertext, tag, data, nonce or key is flipped', () => {
      const inputs = { key: KEY, nonce, aad: AAD, sealed }
      for (const part of ['key', 'nonce', 'aad', 'sealed'] as const) {
        for (let bit = 0; bit < inputs[part].length * 8; bit++) {
          const bad = inputs[part].slice()
          bad[bit >>> 3] = (bad[bit >>> 3] as number) ^ (1 << (bit & 7))
          const all = { ...inputs, [part]: bad }
          expect(aead.open(all.key, all.nonce, all.aad, all.sealed)).toBeUndefined()
        }
      }
    })

    it('opens nothing that is truncated at any byte', () => {
      for (let length = 0; length < sealed.length; length++)
        expect(aead.open(KEY, nonce, AAD, sealed.subarray(0, length))).toBeUndefined()
    })

    it('refuses keys and nonces of the wrong length', () => {
      expect(() => aead.seal(KEY.subarray(1), nonce, AAD, SUNSCREEN)).toThrow(cryptoError)
      expect(() => aead.open(KEY.subarray(1), nonce, AAD, sealed)).toThrow(cryptoError)
      expect(() => aead.seal(KEY, nonce.subarray(1), AAD, SUNSCREEN)).toThrow(cryptoError)
      expect(() => aead.open(KEY, concat(nonce, nonce), AAD, sealed)).toThrow(cryptoError)
    })
  })

  const { chacha20poly1305 } = provider
  const nonce = fromHex(VECTORS.chacha20poly1305.nonce)

  /** Cuts `bytes` at the given places, which may repeat and so make empty parts. */
  const cutAt = (bytes: Uint8Array, places: readonly number[]): Uint8Array[] => {
    const sorted = [0, ...places.map((p) => p % (bytes.length + 1)).sort((a, b) => a - b), bytes.length]
    return sorted.slice(1).map((end, i) => bytes.subarray(sorted[i], end))
  }

  it('seals and opens parts as if they were joined, whatever the cuts', () => {
    fc.assert(
      fc.property(
        fc.oneof(fc.nat(200), fc.integer({ min: 4000, max: 4200 }), fc.integer({ min: 60000, max: 66000 })),
        fc.array(fc.nat(70000), { maxLength: 6 }),
        fc.array(fc.nat(70000), { maxLength: 6 }),
        (length, sealCuts, openCuts) => {
          const plaintext = Uint8Array.from({ length }, (_, i) => (i * 31) & 0xff)
          const parts = cutAt(plaintext, sealCuts)
          const { ciphertext, tag } = chacha20poly1305.sealParts(KEY, nonce, AAD, parts, length)
          const whole = concat(...ciphertext, tag)
          expect(ciphertext.map((part) => part.length)).toEqual(parts.map((part) => part.length))
          expect(Buffer.compare(whole, chacha20poly1305.seal(KEY, nonce, AAD, plaintext))).toBe(0)
          const received = cutAt(whole.subarray(0, length), openCuts)
          const opened = chacha20poly1305.openParts(KEY, nonce, AAD, received, tag, length)
          expect(opened?.map((part) => part.length)).toEqual(received.map((part) => part.length))
          expect(Buffer.compare(concat(...(opened ?? [])), plaintext)).toBe(0)
        },
      ),
      { numRuns: provider.name === 'node' ? 200 : 30 },
    )
  })

  it('seals and opens no parts at all', () => {
    const { ciphertext, tag } = chacha20poly1305.sealParts(KEY, nonce, AAD, [], 0)
    expect(ciphertext).toEqual([])
    expect(chacha20poly1305.openParts(KEY, nonce, AAD, [], tag, 0)).toEqual([])
    expect(toHex(tag)).toBe(toHex(chacha20poly1305.seal(KEY, nonce, AAD, EMPTY)))
  })

  it('gives out no part when the tag of the whole is wrong', () => {
    for (const length of [40, 8000]) {
      const plaintext = new Uint8Array(length).fill(7)
      const parts = [plaintext.subarray(0, 20), plaintext.subarray(20)]
      const { ciphertext, tag } = chacha20poly1305.sealParts(KEY, nonce, AAD, parts, length)
      const last = ciphertext[1] as Uint8Array
      last[last.length - 1] = (last[last.length - 1] as number) ^ 1
      expect(chacha20poly1305.openParts(KEY, nonce, AAD, ciphertext, tag, length)).toBeUndefined()
      expect(chacha20poly1305.openParts(KEY, nonce, AAD, parts, tag.subarray(1), length)).toBeUndefined()
    }
  })

  it('leaves the plaintext it was given as it was', () => {
    const parts = [utf8('one'), utf8('two')]
    chacha20poly1305.sealParts(KEY, nonce, AAD, parts, 6)
    expect(parts).toEqual([utf8('one'), utf8('two')])
  })

  it('refuses a stated length that the parts do not add up to', () => {
    expect(() => chacha20poly1305.sealParts(KEY, nonce, AAD, [utf8('abc')], 4)).toThrow(cryptoError)
    expect(() => chacha20poly1305.openParts(KEY, nonce, AAD, [utf8('abc')], new Uint8Array(16), 2)).toThrow(
      cryptoError,
    )
  })
})
