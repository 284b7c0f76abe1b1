import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { concat, EMPTY, fromHex, toHex } from '../../src/lib/core/index.ts'
import { conformancePath } from '../support/conformance.ts'
import { providers } from './providers.ts'

const cryptoError = expect.objectContaining({ name: 'AivError', code: 'E_CRYPTO' })

interface WycheproofFile {
  readonly testGroups: readonly {
    readonly keySize: number
    readonly ivSize: number
    readonly tests: readonly {
      readonly tcId: number
      readonly key: string
      readonly iv: string
      readonly aad: string
      readonly msg: string
      readonly ct: string
      readonly tag: string
      readonly result: 'valid' | 'invalid'
    }[]
  }[]
}

describe.each(providers)('AES-128 of the $name provider', ({ aes128gcm, aes128EncryptBlock }) => {
  it('enciphers the example block of FIPS 197 appendix C.1', () => {
    const key = fromHex('000102030405060708090a0b0c0d0e0f')
    const block = fromHex('00112233445566778899aabbccddeeff')
    expect(toHex(aes128EncryptBlock(key, block))).toBe('69c4e0d86a7b0430d8cdb78070b4c55a')
  })

  it('enciphers the header protection samples of RFC 9001 appendix A', () => {
    const mask = (hp: string, sample: string): string =>
      toHex(aes128EncryptBlock(fromHex(hp), fromHex(sample)).subarray(0, 5))
    expect(mask('9f50449e04a0e810283a1e9933adedd2', 'd1b1c98dd7689fb8ec11d242b123dc9b')).toBe('437b9aec36')
    expect(mask('c206b8d9b9f0f37644430b490eeaa314', '2cd0991cd25b0aac406a5816b6394100')).toBe('2ec0d8356a')
  })

  it('takes keys, blocks and nonces of one length only', () => {
    const [block, nonce] = [new Uint8Array(16), new Uint8Array(12)]
    for (const length of [0, 15, 17, 32]) {
      const wrong = new Uint8Array(length)
      expect(() => aes128EncryptBlock(wrong, block)).toThrow(cryptoError)
      expect(() => aes128EncryptBlock(block, wrong)).toThrow(cryptoError)
      expect(() => aes128gcm.seal(wrong, nonce, EMPTY, EMPTY)).toThrow(cryptoError)
      expect(() => aes128gcm.open(wrong, nonce, EMPTY, block)).toThrow(cryptoError)
      expect(() => aes128gcm.seal(block, wrong, EMPTY, EMPTY)).toThrow(cryptoError)
      expect(() => aes128gcm.open(block, wrong, EMPTY, block)).toThrow(cryptoError)
    }
  })

  it('opens nothing that is truncated or has a flipped bit', () => {
    const [key, nonce, aad] = [new Uint8Array(16).fill(1), new Uint8Array(12).fill(2), Uint8Array.of(3)]
    const sealed = aes128gcm.seal(key, nonce, aad, Uint8Array.of(4, 5, 6))
    for (let length = 0; length < sealed.length; length++)
      expect(aes128gcm.open(key, nonce, aad, sealed.subarray(0, length))).toBeUndefined()
    for (let bit = 0; bit < sealed.length * 8; bit++) {
      const bad = sealed.slice()
      bad[bit >>> 3] = (bad[bit >>> 3] as number) ^ (1 << (bit & 7))
      expect(aes128gcm.open(key, nonce, aad, bad)).toBeUndefined()
    }
    expect(aes128gcm.open(key, nonce, EMPTY, sealed)).toBeUndefined()
  })
})

describe.each(providers)('AES-GCM of the $name provider', ({ aes128gcm, aes256gcm }) => {
  it.each([
    [128, aes128gcm, { sealed: 40, refused: 27, otherNonce: 41 }],
    [256, aes256gcm, { sealed: 39, refused: 27, otherNonce: 39 }],
  ] as const)('answers every %i-bit test of Wycheproof', (bits, aead, expected) => {
    const path = conformancePath('utls', 'wycheproof', 'aes_gcm_test.json')
    if (path === undefined) return
    const file = JSON.parse(readFileSync(path, 'utf8')) as WycheproofFile
    const counts = { sealed: 0, refused: 0, otherNonce: 0 }
    for (const { keySize, ivSize, tests } of file.testGroups) {
      if (keySize !== bits) continue
      for (const test of tests) {
        const key = fromHex(test.key)
        const nonce = fromHex(test.iv)
        const aad = fromHex(test.aad)
        const msg = fromHex(test.msg)
        const sealed = concat(fromHex(test.ct), fromHex(test.tag))
        if (ivSize !== 96) {
          expect(() => aead.open(key, nonce, aad, sealed), `test ${test.tcId}`).toThrow(cryptoError)
          counts.otherNonce++
        } else if (test.result === 'valid') {
          expect(toHex(aead.seal(key, nonce, aad, msg)), `test ${test.tcId}`).toBe(toHex(sealed))
          expect(aead.open(key, nonce, aad, sealed), `test ${test.tcId}`).toEqual(msg)
          counts.sealed++
        } else {
          expect(aead.open(key, nonce, aad, sealed), `test ${test.tcId}`).toBeUndefined()
          counts.refused++
        }
      }
    }
    expect(counts).toEqual(expected)
  })
})
