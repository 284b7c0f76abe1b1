import { describe, expect, it } from 'vitest'
import { fromHex, SeededRandom, toHex } from '../../src/lib/core/index.ts'
import { providers } from './providers.ts'

const cryptoError = expect.objectContaining({ name: 'AivError', code: 'E_CRYPTO' })

/**
 * Points of order 1, 2, 4 and 8 and their non-canonical twins (cr.yp.to/ecdh.html, "validate public keys"), each
 * also with bit 255 set, which RFC 7748 section 5 masks.
 */
const LOW_ORDER_POINTS = [
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000000',
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
].flatMap((text) => {
  const masked = fromHex(text)
  masked[31] = (masked[31] as number) | 0x80
  return [text, toHex(masked)]
})

describe.each(providers)('X25519 of the $name provider', ({ x25519 }) => {
  it('matches the test vectors of RFC 7748 section 5.2', () => {
    for (const [scalar, u, expected] of [
      [
        'a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4',
        'e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c',
        'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552',
      ],
      [
        '4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d',
        'e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493',
        '95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957',
      ],
    ] as const)
      expect(toHex(x25519.fromPrivate(fromHex(scalar)).sharedSecret(fromHex(u)))).toBe(expected)
  })

  it('matches 1,000 iterations of RFC 7748 section 5.2', () => {
    let k = fromHex('0900000000000000000000000000000000000000000000000000000000000000')
    let u = k
    for (let i = 0; i < 1000; i++) [k, u] = [x25519.fromPrivate(k).sharedSecret(u), k]
    expect(toHex(k)).toBe('684cf59ba83309552800ef566f2f4d3c1c3887c49360e3875f2eb94d99532c51')
  })

  it('agrees on the secret of RFC 7748 section 6.1', () => {
    const alice = x25519.fromPrivate(
      fromHex('77076d0a7318a57d3c16c17251b26645df4c2f87ebc0992ab177fba51db92c2a'),
    )
    const bob = x25519.fromPrivate(
      fromHex('5dab087e624a8a4b79e17f8b83800ee66f3bb1292618b6fd1c2f8b27ff88e0eb'),
    )
    expect(toHex(bob.publicKey)).toBe('de9edb7d7b7dc1b4d35b61c2ece435373f8343c85b78674dadfc7e146f882b4f')
    expect(toHex(alice.publicKey)).toBe('8520f0098930a754748b7ddcb43ef75a0dbf3a0d26381af4eba4a98eaa9b4e6a')
    const shared = '4a5d9d5ba4ce2de1728e3bf480350f25e07e21c947d19e3376f09b3c1e161742'
    expect(toHex(alice.sharedSecret(bob.publicKey))).toBe(shared)
    expect(toHex(bob.sharedSecret(alice.publicKey))).toBe(shared)
  })

  it.each(LOW_ORDER_POINTS)('refuses the low-order point %s', (point) => {
    const pair = x25519.fromPrivate(new Uint8Array(32).fill(0x42))
    expect(() => pair.sharedSecret(fromHex(point))).toThrow(cryptoError)
    expect(pair.trySharedSecret(fromHex(point))).toBeUndefined()
    expect(x25519.multiply(new Uint8Array(32).fill(0x42), fromHex(point))).toBeUndefined()
  })

  it('answers a peer with a value whatever it sent', () => {
    const pair = x25519.fromPrivate(new Uint8Array(32).fill(0x42))
    for (const length of [0, 31, 33, 64]) {
      expect(pair.trySharedSecret(new Uint8Array(length).fill(9))).toBeUndefined()
      expect(x25519.multiply(new Uint8Array(32), new Uint8Array(length).fill(9))).toBeUndefined()
    }
    pair.erase()
    expect(() => pair.trySharedSecret(new Uint8Array(32).fill(9))).toThrow(cryptoError)
  })

  it('multiplies by a scalar as RFC 7748 section 5.2 does', () => {
    const scalar = fromHex('a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4')
    const u = fromHex('e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c')
    const expected = 'c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552'
    expect(toHex(x25519.multiply(scalar, u) as Uint8Array)).toBe(expected)
    expect(toHex(x25519.fromPrivate(scalar).trySharedSecret(u) as Uint8Array)).toBe(expected)
    expect(() => x25519.multiply(scalar.subarray(1), u)).toThrow(cryptoError)
  })

  it.each([0, 31, 33])('refuses keys of %i bytes', (length) => {
    const wrong = new Uint8Array(length).fill(9)
    expect(() => x25519.fromPrivate(wrong)).toThrow(cryptoError)
    expect(() => x25519.generate().sharedSecret(wrong)).toThrow(cryptoError)
  })

  it('draws a key from the source it is given', () => {
    const pair = x25519.generate(new SeededRandom(7))
    expect(toHex(pair.exportPrivate())).toBe(toHex(new SeededRandom(7).bytes(32)))
    expect(toHex(x25519.generate().publicKey)).not.toBe(toHex(x25519.generate().publicKey))
  })

  it('keeps its own copy of the private bytes', () => {
    const raw = new Uint8Array(32).fill(0x11)
    const pair = x25519.fromPrivate(raw)
    raw.fill(0)
    pair.exportPrivate().fill(0)
    expect(toHex(pair.exportPrivate())).toBe('11'.repeat(32))
  })

  it('is unusable once erased', () => {
    const pair = x25519.generate()
    const peer = x25519.generate().publicKey
    pair.erase()
    pair.erase()
    expect(() => pair.sharedSecret(peer)).toThrow(cryptoError)
    expect(() => pair.exportPrivate()).toThrow(cryptoError)
  })
})
