import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { fromHex, SeededRandom, toHex } from '../../src/lib/core/index.ts'
import {
  aez5Decrypt,
  aez5DecryptInPlace,
  aez5Encrypt,
  aez5EncryptInPlace,
} from '../../src/lib/crypto/index.ts'
import { aezSuite } from '../../src/lib/crypto/vectors/index.ts'
import { conformancePath } from '../support/conformance.ts'

/** The first vector of Yawning/aez testdata/encrypt_no_ad.json (CC0). */
const PUBLISHED = {
  k: 'ec6dc9fb5e68dbc2a7615c67baf5b8e472953b84918f1e0c4e01cf43387535d292c4be5657849d84246c7253a3252577',
  nonce: '05ef180b20d561bf6024a4ecf725fc17',
  m: '82ed7abbe93cb1a7ec2d1072f591c058237ff54fc4d44d86cb07c0620675b56b',
  c: '8adacd91e46ed69d6c7396c0933eb4d5c125b202875e496cb32f49fb3304e489',
}

const key = fromHex(PUBLISHED.k)
const nonce = fromHex(PUBLISHED.nonce)
const cryptoError = expect.objectContaining({ name: 'AivError', code: 'E_CRYPTO' })

async function judged(...parts: readonly string[]) {
  const path = conformancePath('mix', ...parts)
  return path === undefined ? undefined : aezSuite.run({ path, content: readFileSync(path, 'utf8') })
}

describe('AEZ v5', () => {
  it('matches the published vector in both directions', () => {
    expect(toHex(aez5Encrypt(key, nonce, fromHex(PUBLISHED.m)))).toBe(PUBLISHED.c)
    expect(toHex(aez5Decrypt(key, nonce, fromHex(PUBLISHED.c)))).toBe(PUBLISHED.m)
  })

  it('gives back what it encrypted, at every length of a fragment', () => {
    const random = new SeededRandom(11)
    for (let length = 32; length < 32 + 300; length++) {
      const block = random.bytes(length)
      const sealed = aez5Encrypt(key, nonce, block)
      expect(toHex(sealed)).not.toBe(toHex(block))
      expect(toHex(aez5Decrypt(key, nonce, sealed))).toBe(toHex(block))
    }
  })

  it('changes half of all bits when one bit of the ciphertext changes, wherever it is', () => {
    const random = new SeededRandom(12)
    let changed = 0
    let all = 0
    for (let trial = 0; trial < 400; trial++) {
      const block = random.bytes(33 + (trial % 200))
      const touched = block.slice()
      const bit = (trial * 37) % (block.length * 8)
      touched[bit >>> 3] = (touched[bit >>> 3] as number) ^ (1 << (bit & 7))
      const [a, b] = [aez5Decrypt(key, nonce, block), aez5Decrypt(key, nonce, touched)]
      let here = 0
      a.forEach((byte, i) => {
        for (let x = byte ^ (b[i] as number); x !== 0; x &= x - 1) here++
      })
      expect(here).toBeGreaterThan(0)
      changed += here
      all += block.length * 8
    }
    // About 426,000 fair bits: six standard deviations are 0.0046.
    expect(Math.abs(changed / all - 0.5)).toBeLessThan(0.005)
  })

  it('depends on every byte of key and nonce', () => {
    const block = new Uint8Array(64)
    const before = toHex(aez5Encrypt(key, nonce, block))
    for (const input of [key, nonce]) {
      for (let i = 0; i < input.length; i++) {
        input[i] = (input[i] as number) ^ 1
        expect(toHex(aez5Encrypt(key, nonce, block))).not.toBe(before)
        input[i] = (input[i] as number) ^ 1
      }
    }
  })

  it('does in place what it does into a new array, and leaves its input alone otherwise', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 32, maxLength: 200 }), (block) => {
        const before = toHex(block)
        const [sealed, opened] = [aez5Encrypt(key, nonce, block), aez5Decrypt(key, nonce, block)]
        expect(toHex(block)).toBe(before)
        const copy = block.slice()
        aez5EncryptInPlace(key, nonce, copy)
        expect(toHex(copy)).toBe(toHex(sealed))
        copy.set(block)
        aez5DecryptInPlace(key, nonce, copy)
        expect(toHex(copy)).toBe(toHex(opened))
      }),
    )
  })

  it('refuses short blocks and wrong keys and nonces', () => {
    for (const turn of [aez5Encrypt, aez5Decrypt]) {
      for (const length of [0, 1, 16, 31])
        expect(() => turn(key, nonce, new Uint8Array(length))).toThrow(cryptoError)
      for (const length of [0, 32, 47, 49])
        expect(() => turn(new Uint8Array(length), nonce, new Uint8Array(64))).toThrow(cryptoError)
      for (const length of [0, 12, 15, 17])
        expect(() => turn(key, new Uint8Array(length), new Uint8Array(64))).toThrow(cryptoError)
    }
  })
})

describe('the vector suite aez', () => {
  it('passes every Katzenpost vector of 32 bytes or more, up to 1,024', async () => {
    const result = await judged('katzenpost', 'sprp_aez.json')
    if (result === undefined) return
    expect(result.failures).toEqual([])
    // 32, 33, 48, 64, 100 and 1,024 bytes.
    expect(result).toMatchObject({ passed: 6, skipped: 6 })
    for (const { reason } of result.skips) expect(reason).toMatch(/shorter than 32 bytes/)
  })

  it('passes the vectors without authenticator of the reference implementation and skips the rest', async () => {
    const result = await judged('aez', 'encrypt_no_ad.json')
    if (result === undefined) return
    expect(result).toMatchObject({ failed: 0, passed: 2 })
    for (const { reason } of result.skips) expect(reason).toMatch(/has an authenticator/)
  })

  it.each([
    ['encrypt_16_byte_key.json', /authenticator|associated data|key is not 48/],
    ['encrypt_33_byte_ad.json', /authenticator|associated data/],
    ['extract.json', /part of AEZ that Sphinx does not use/],
    ['hash.json', /part of AEZ that Sphinx does not use/],
    ['prf.json', /part of AEZ that Sphinx does not use/],
  ])('skips %s with a reason', async (name, reason) => {
    const result = await judged('aez', name)
    if (result === undefined) return
    expect(result).toMatchObject({ failed: 0, passed: 0 })
    expect(result.skipped).toBeGreaterThan(0)
    for (const skip of result.skips) expect(skip.reason).toMatch(reason)
  })

  it('fails a vector that one digit was changed in, of either file form', async () => {
    const wrong = { ...PUBLISHED, c: `9${PUBLISHED.c.slice(1)}`, tau: 0, data: [] }
    const katzenpost = {
      vectors: [
        { name: 'x', key_hex: wrong.k, iv_hex: wrong.nonce, plaintext_hex: wrong.m, ciphertext_hex: wrong.c },
      ],
    }
    for (const document of [[wrong], katzenpost])
      expect(await aezSuite.run({ path: 'given', content: JSON.stringify(document) })).toMatchObject({
        passed: 0,
        failed: 1,
      })
  })

  it.each([
    'no json',
    '[]',
    '{"vectors":{}}',
    '[null]',
    '[{"m":1}]',
    '[{"m":"zz","k":"00","nonce":"00","c":""}]',
  ])('counts %s as one failure', async (content) => {
    expect(await aezSuite.run({ path: 'given', content })).toMatchObject({ passed: 0, failed: 1, skipped: 0 })
  })
})
