import { describe, expect, it } from 'vitest'
import { fromHex, SeededRandom, toHex } from '../../src/lib/core/index.ts'
import { providers } from './providers.ts'

const cryptoError = expect.objectContaining({ name: 'AivError', code: 'E_CRYPTO' })

/** RFC 5903 section 8.1. */
const INITIATOR = {
  private: 'c88f01f510d9ac3f70a292daa2316de544e9aab8afe84049c62a9c57862d1433',
  public:
    '04dad0b65394221cf9b051e1feca5787d098dfe637fc90b9ef945d0c3772581180' +
    '5271a0461cdb8252d61f1c456fa3e59ab1f45b33accf5f58389e0577b8990bb3',
}
const RESPONDER = {
  private: 'c6ef9c5d78ae012a011164acb397ce2088685d8f06bf9be0b283ab46476bee53',
  public:
    '04d12dfb5289c8d4f81208b70270398c342296970a0bccb74c736fc7554494bf63' +
    '56fbf3ca366cc23e8157854c13c58d6aac23f046ada30f8353e74f33039872ab',
}
const SHARED = 'd6840f6b42f6edafd13116e0e12565202fef8e9ece7dce03812464d04b9442de'
const ORDER = 'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551'

/** C2SP/wycheproof at testvectors_v1/ecdh_secp384r1_ecpoint_test.json, tests 1, 2, 773 and 775. */
const P384 = {
  private: '766e61425b2da9f846c09fc3564b93a6f8603b7392c785165bf20da948c49fd1fb1dee4edd64356b9f21c588b75dfd81',
  public:
    '04790a6e059ef9a5940163183d4a7809135d29791643fc43a2f17ee8bf677ab84f791b64a6be15969ffa012dd9185d8796' +
    'd9b954baa8a75e82df711b3b56eadff6b0f668c3b26b4b1aeb308a1fcc1c680d329a6705025f1c98a0b5e5bfcb163caa',
  shared: '6461defb95d996b24296f5a1832b34db05ed031114fbe7d98d098f93859866e4de1e229da71fef0c77fe49b249190135',
  offCurve: [
    `04${'00'.repeat(96)}`,
    `04${'00'.repeat(48)}${'ff'.repeat(31)}fe${'ff'.repeat(4)}${'00'.repeat(8)}fffffffe`,
  ],
}

describe.each(providers)('P-384 of the $name provider', ({ p384 }) => {
  it('agrees on the secret of Wycheproof', () => {
    const pair = p384.fromPrivate(fromHex(P384.private))
    expect(toHex(pair.sharedSecret(fromHex(P384.public)))).toBe(P384.shared)
    expect(pair.publicKey).toHaveLength(97)
  })

  it('refuses what is no uncompressed point of the curve', () => {
    const pair = p384.fromPrivate(fromHex(P384.private))
    const compressed = fromHex(`02${P384.public.slice(2, 98)}`)
    for (const bad of [...P384.offCurve.map(fromHex), compressed])
      expect(() => pair.sharedSecret(bad)).toThrow(cryptoError)
  })

  it('makes pairs that agree, and no use of an erased one', () => {
    const [one, other] = [p384.generate(new SeededRandom(6)), p384.generate()]
    expect(toHex(one.sharedSecret(other.publicKey))).toBe(toHex(other.sharedSecret(one.publicKey)))
    one.erase()
    expect(() => one.sharedSecret(other.publicKey)).toThrow(cryptoError)
  })
})

describe.each(providers)('P-256 of the $name provider', ({ p256 }) => {
  it('agrees on the secret of RFC 5903 section 8.1', () => {
    const initiator = p256.fromPrivate(fromHex(INITIATOR.private))
    const responder = p256.fromPrivate(fromHex(RESPONDER.private))
    expect(toHex(initiator.publicKey)).toBe(INITIATOR.public)
    expect(toHex(responder.publicKey)).toBe(RESPONDER.public)
    expect(toHex(initiator.sharedSecret(responder.publicKey))).toBe(SHARED)
    expect(toHex(responder.sharedSecret(initiator.publicKey))).toBe(SHARED)
  })

  it('refuses what is no point of the curve', () => {
    const pair = p256.fromPrivate(fromHex(INITIATOR.private))
    const offCurve = fromHex(RESPONDER.public)
    offCurve[64] = (offCurve[64] as number) ^ 1
    const infinity = new Uint8Array(65)
    const compressed = fromHex(`03${RESPONDER.public.slice(2, 66)}`)
    for (const bad of [offCurve, infinity, compressed])
      expect(() => pair.sharedSecret(bad)).toThrow(cryptoError)
  })

  it.each([
    ['zero', '00'.repeat(32)],
    ['the order', ORDER],
    ['a short one', '01'],
  ])('refuses %s as a private key', (_what, text) => {
    expect(() => p256.fromPrivate(fromHex(text))).toThrow(cryptoError)
  })

  it('draws again where the randomness is no private key', () => {
    const draws = [fromHex(ORDER), new Uint8Array(32), fromHex(INITIATOR.private)]
    const pair = p256.generate({ bytes: () => draws.shift() as Uint8Array })
    expect(toHex(pair.publicKey)).toBe(INITIATOR.public)
    expect(draws).toEqual([])
  })

  it('makes pairs that agree', () => {
    const random = new SeededRandom(5)
    const [one, other] = [p256.generate(random), p256.generate()]
    expect(toHex(one.sharedSecret(other.publicKey))).toBe(toHex(other.sharedSecret(one.publicKey)))
  })

  it('does nothing with an erased key', () => {
    const pair = p256.generate()
    pair.erase()
    expect(() => pair.sharedSecret(fromHex(RESPONDER.public))).toThrow(cryptoError)
  })
})
