import { readFileSync } from 'node:fs'
import { blake2b as nobleBlake2b } from '@noble/hashes/blake2.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '../../src/lib/core/index.ts'
import { blake2b } from '../../src/lib/crypto/blake2b.ts'
import { type KemPrf, kemSecret, x25519, x25519Public, x25519Shared } from '../../src/lib/crypto/index.ts'
import { conformancePath } from '../support/conformance.ts'

const cryptoError = expect.objectContaining({ name: 'AivError', code: 'E_CRYPTO' })

/** The first vector of each function from katzenpost/hpqc testvectors/kem/adapter_test_vectors.json. */
const NODE_PRIVATE = 'd8e690d3c390af9220b41d0d65fe38d1f49dfd2775a1bf9c7b53100d08ec487b'
const EPHEMERAL_PRIVATE = '0839dcd47014d5d8e42f7a86d11e57b3f0f04341d913221bfa6e28e299533a44'
const PUBLISHED: Readonly<Record<KemPrf, string>> = {
  'sha256-v1': 'fb4f83502b12727839ccc2a10d742b60e4f35ecde37cf51a1619d64302dae143',
  'blake2b-xof': 'f30be3cdcbb5e0fafbd7fece7c1c7f886c5fa5dc7ce34cfee2d64f8bbbb39d2f',
}

interface AdapterVector {
  readonly prf: KemPrf
  readonly static_private_key_hex: string
  readonly static_public_key_hex: string
  readonly ephemeral_private_key_hex: string
  readonly ciphertext_hex: string
  readonly shared_secret_hex: string
}

describe('the secret of X25519 as KEM', () => {
  it.each(['sha256-v1', 'blake2b-xof'] as const)('matches the published value of %s on both sides', (prf) => {
    const node = x25519.fromPrivate(fromHex(NODE_PRIVATE))
    const ephemeral = x25519.fromPrivate(fromHex(EPHEMERAL_PRIVATE))
    const ciphertext = x25519Public(fromHex(EPHEMERAL_PRIVATE))
    for (const dh of [x25519Shared(node, ciphertext), x25519Shared(ephemeral, node.publicKey)])
      expect(toHex(kemSecret(prf, dh as Uint8Array, node.publicKey, ciphertext))).toBe(PUBLISHED[prf])
  })

  it('matches all adapter vectors', () => {
    const path = conformancePath('mix', 'katzenpost', 'adapter_test_vectors.json')
    if (path === undefined) return
    const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as { vectors: readonly AdapterVector[] }
    expect(vectors).toHaveLength(4)
    for (const vector of vectors) {
      const node = x25519.fromPrivate(fromHex(vector.static_private_key_hex))
      expect(toHex(node.publicKey)).toBe(vector.static_public_key_hex)
      expect(toHex(x25519Public(fromHex(vector.ephemeral_private_key_hex)))).toBe(vector.ciphertext_hex)
      const ciphertext = fromHex(vector.ciphertext_hex)
      const dh = x25519Shared(node, ciphertext) as Uint8Array
      expect(toHex(kemSecret(vector.prf, dh, node.publicKey, ciphertext))).toBe(vector.shared_secret_hex)
    }
  })

  it('refuses parts that are not 32 bytes long', () => {
    const right = new Uint8Array(32)
    for (const length of [0, 31, 33]) {
      const wrong = new Uint8Array(length)
      for (const prf of ['sha256-v1', 'blake2b-xof'] as const) {
        expect(() => kemSecret(prf, wrong, right, right)).toThrow(cryptoError)
        expect(() => kemSecret(prf, right, wrong, right)).toThrow(cryptoError)
        expect(() => kemSecret(prf, right, right, wrong)).toThrow(cryptoError)
      }
    }
  })
})

describe('BLAKE2b', () => {
  it('matches RFC 7693 appendix A', () => {
    expect(toHex(blake2b({ digestBytes: 64 }, utf8('abc')))).toBe(
      'ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923',
    )
  })

  it('agrees with @noble/hashes on any key, length and parts', () => {
    const key = fc.uint8Array({ maxLength: 64 })
    const parts = fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 3 })
    fc.assert(
      fc.property(key, parts, fc.integer({ min: 1, max: 64 }), (key, parts, digestBytes) => {
        const judge = nobleBlake2b.create({ dkLen: digestBytes, ...(key.length > 0 && { key }) })
        for (const part of parts) judge.update(part)
        expect(toHex(blake2b({ digestBytes, key }, ...parts))).toBe(toHex(judge.digest()))
      }),
    )
  })

  it.each([0, 65, 1.5, Number.NaN])('refuses a digest of %d bytes', (digestBytes) => {
    expect(() => blake2b({ digestBytes })).toThrow(cryptoError)
  })

  it('refuses a key of more than 64 bytes', () => {
    expect(() => blake2b({ digestBytes: 32, key: new Uint8Array(65) })).toThrow(cryptoError)
  })
})
