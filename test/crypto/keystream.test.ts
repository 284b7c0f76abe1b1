import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { fromHex, toHex, utf8 } from '../../src/lib/core/index.ts'
import { conformancePath } from '../support/conformance.ts'
import { providers } from './providers.ts'

const cryptoError = expect.objectContaining({ name: 'AivError', code: 'E_CRYPTO' })

describe.each(providers)('key streams of the $name provider', (provider) => {
  it('match NIST SP 800-38A section F.5.5 for AES-256 in counter mode', () => {
    const key = fromHex('603deb1015ca71be2b73aef0857d77811f352c073b6108d72d9810a30914dff4')
    const iv = fromHex('f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff')
    expect(toHex(provider.aes256Ctr(key, iv, 64))).toBe(
      '0bdf7df1591716335e9a8b15c860c502' +
        '5a6e699d536119065433863c8f657b94' +
        '1bc12c9c01610d5d0d8bd6a3378eca62' +
        '2956e1c8693536b1bee99c73a31576b6',
    )
    expect(provider.aes256Ctr(key, iv, 0)).toHaveLength(0)
    expect(provider.aes256Ctr(key, iv, 5)).toEqual(provider.aes256Ctr(key, iv, 64).slice(0, 5))
  })

  it('carry the counter through all 128 bits', () => {
    const key = new Uint8Array(32).fill(7)
    const stream = provider.aes256Ctr(key, new Uint8Array(16).fill(0xff), 32)
    expect(toHex(stream.subarray(16))).toBe(toHex(provider.aes256Ctr(key, new Uint8Array(16), 16)))
  })

  it('match the zero key of ChaCha20 (draft-strombergson-chacha-test-vectors-01, TC1) and the blinding vectors', () => {
    expect(toHex(provider.chacha20Keystream(new Uint8Array(32), 64))).toBe(
      '76b8e0ada0f13d90405d6ae55386bd28bdd219b8a08ded1aa836efcc8b770dc7' +
        'da41597c5157488d7724e03fb8d84a376a43b8f41518a11cc387b669b2ee6586',
    )
    const path = conformancePath('mix', 'katzenpost', 'chacha20_deterministic_rand.json')
    if (path === undefined) return
    const { vectors } = JSON.parse(readFileSync(path, 'utf8')) as {
      vectors: readonly { key_hex: string; keystream_hex: string }[]
    }
    expect(vectors).toHaveLength(3)
    for (const { key_hex, keystream_hex } of vectors)
      expect(toHex(provider.chacha20Keystream(fromHex(key_hex), 32))).toBe(keystream_hex)
  })

  it('match the key derivation of Sphinx, which is HKDF-Expand alone', () => {
    const path = conformancePath('mix', 'katzenpost', 'kdf_sphinx.json')
    if (path === undefined) return
    const { info, vectors } = JSON.parse(readFileSync(path, 'utf8')) as {
      info: string
      vectors: readonly Readonly<Record<string, string>>[]
    }
    expect(vectors).toHaveLength(3)
    for (const vector of vectors) {
      const keys = provider.hkdfExpand(fromHex(vector.ikm_hex as string), utf8(info), 160)
      const { header_mac_hex, header_encryption_hex, header_encryption_iv_hex, payload_encryption_hex } =
        vector
      expect(toHex(keys.subarray(0, 128))).toBe(
        `${header_mac_hex}${header_encryption_hex}${header_encryption_iv_hex}${payload_encryption_hex}`,
      )
      const seed = keys.subarray(128)
      if (vector.blinding_factor_seed_hex !== undefined)
        expect(toHex(seed)).toBe(vector.blinding_factor_seed_hex)
      else expect(toHex(provider.chacha20Keystream(seed, 32))).toBe(vector.blinding_factor_private_key_hex)
    }
  })

  it('refuse keys and counters of other lengths', () => {
    const [key, iv] = [new Uint8Array(32), new Uint8Array(16)]
    for (const length of [0, 16, 31, 33]) {
      const wrong = new Uint8Array(length)
      expect(() => provider.aes256Ctr(wrong, iv, 1)).toThrow(cryptoError)
      expect(() => provider.chacha20Keystream(wrong, 1)).toThrow(cryptoError)
      if (length !== 16) expect(() => provider.aes256Ctr(key, wrong, 1)).toThrow(cryptoError)
    }
  })
})
