import { describe, expect, it } from 'vitest'
import { AivError, fromHex, SeededRandom, toHex } from '../../src/lib/core/index.ts'
import { nodeProvider } from '../../src/lib/crypto/index.ts'
import { nobleProvider, providers } from './providers.ts'

const cryptoError = expect.objectContaining({ name: 'AivError', code: 'E_CRYPTO' })

/** Packs twelve-bit coefficient `index` of an encapsulation key (FIPS 203 algorithm 5, ByteEncode12). */
function setCoefficient(key: Uint8Array, index: number, value: number): Uint8Array {
  const copy = key.slice()
  const at = (index >> 1) * 3
  const middle = copy[at + 1] as number
  if ((index & 1) === 0) {
    copy[at] = value & 0xff
    copy[at + 1] = (middle & 0xf0) | (value >> 8)
  } else {
    copy[at + 1] = (middle & 0x0f) | ((value & 0xf) << 4)
    copy[at + 2] = value >> 4
  }
  return copy
}

describe.each(providers)('ML-KEM-768 of the $name provider', ({ mlkem768 }) => {
  const seed = new SeededRandom(768).bytes(64)

  it('makes keys and ciphertexts of the sizes in FIPS 203 table 3', () => {
    const pair = mlkem768.generate()
    const { ciphertext, sharedSecret } = mlkem768.encapsulate(pair.encapsulationKey)
    expect([pair.encapsulationKey.length, ciphertext.length, sharedSecret.length]).toEqual([1184, 1088, 32])
    expect(toHex(pair.decapsulate(ciphertext))).toBe(toHex(sharedSecret))
  })

  it('gives fresh keys and fresh encapsulations each time', () => {
    const pair = mlkem768.generate()
    expect(toHex(mlkem768.generate().encapsulationKey)).not.toBe(toHex(pair.encapsulationKey))
    const [a, b] = [mlkem768.encapsulate(pair.encapsulationKey), mlkem768.encapsulate(pair.encapsulationKey)]
    expect(toHex(a.sharedSecret)).not.toBe(toHex(b.sharedSecret))
  })

  it('gives back the seed it was made from, and the key of a drawn seed', () => {
    expect(toHex(mlkem768.generate(seed).exportSeed())).toBe(toHex(seed))
    const drawn = mlkem768.generate()
    expect(toHex(mlkem768.generate(drawn.exportSeed()).encapsulationKey)).toBe(toHex(drawn.encapsulationKey))
  })

  it('accepts the largest coefficient 3328 and refuses 3329 and above, wherever they stand', () => {
    const key = mlkem768.generate(seed).encapsulationKey
    for (const index of [0, 1, 255, 256, 511, 766, 767]) {
      expect(mlkem768.encapsulate(setCoefficient(key, index, 3328)).ciphertext.length).toBe(1088)
      for (const value of [3329, 3330, 4095])
        expect(() => mlkem768.encapsulate(setCoefficient(key, index, value))).toThrow(cryptoError)
    }
  })

  it('refuses keys, ciphertexts and seeds of the wrong length', () => {
    const pair = mlkem768.generate(seed)
    for (const length of [0, 1183, 1185, 1088])
      expect(() => mlkem768.encapsulate(new Uint8Array(length))).toThrow(cryptoError)
    for (const length of [0, 1087, 1089, 1184])
      expect(() => pair.decapsulate(new Uint8Array(length))).toThrow(cryptoError)
    for (const length of [0, 32, 63, 65])
      expect(() => mlkem768.generate(new Uint8Array(length))).toThrow(cryptoError)
  })

  it('answers a forged ciphertext with a secret, never with an error', () => {
    const pair = mlkem768.generate(seed)
    const { ciphertext, sharedSecret } = mlkem768.encapsulate(pair.encapsulationKey)
    const forged = ciphertext.slice()
    forged[500] = (forged[500] as number) ^ 1
    const rejected = pair.decapsulate(forged)
    expect(rejected.length).toBe(32)
    expect(toHex(rejected)).not.toBe(toHex(sharedSecret))
    expect(toHex(pair.decapsulate(forged))).toBe(toHex(rejected))
  })

  it('is unusable once erased', () => {
    const pair = mlkem768.generate()
    const { ciphertext } = mlkem768.encapsulate(pair.encapsulationKey)
    pair.erase()
    expect(() => pair.decapsulate(ciphertext)).toThrow(cryptoError)
    expect(() => pair.exportSeed()).toThrow(cryptoError)
  })
})

describe('deterministic encapsulation', () => {
  const pair = nobleProvider.mlkem768.generate(new SeededRandom(1).bytes(64))

  it('repeats itself for the same m under noble, and OpenSSL decapsulates it to the same secret', () => {
    const m = fromHex('16'.repeat(32))
    const first = nobleProvider.mlkem768.encapsulate(pair.encapsulationKey, m)
    const second = nobleProvider.mlkem768.encapsulate(pair.encapsulationKey, m)
    expect(toHex(first.ciphertext)).toBe(toHex(second.ciphertext))
    const other = nodeProvider.mlkem768.generate(pair.exportSeed())
    expect(toHex(other.decapsulate(first.ciphertext))).toBe(toHex(first.sharedSecret))
  })

  it('is refused by name under node:crypto', () => {
    expect(() => nodeProvider.mlkem768.encapsulate(pair.encapsulationKey, new Uint8Array(32))).toThrow(
      AivError,
    )
    expect(() => nodeProvider.mlkem768.encapsulate(pair.encapsulationKey, new Uint8Array(32))).toThrow(
      expect.objectContaining({ code: 'E_UNSUPPORTED' }),
    )
  })

  it('refuses an m of the wrong length', () => {
    expect(() => nobleProvider.mlkem768.encapsulate(pair.encapsulationKey, new Uint8Array(31))).toThrow(
      cryptoError,
    )
  })
})
