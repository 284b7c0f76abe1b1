import { describe, expect, it } from 'vitest'
import { EMPTY, fromHex, toHex, utf8 } from '../../src/lib/core/index.ts'
import { providers } from './providers.ts'

describe.each(providers)('hashes of the $name provider', (provider) => {
  it('match FIPS 180-4 and RFC 7693 on "abc"', () => {
    const abc = utf8('abc')
    expect(toHex(provider.sha256(abc))).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    expect(toHex(provider.sha384(abc))).toBe(
      'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
    )
    expect(toHex(provider.createSha384().update(abc).copy().digest())).toBe(toHex(provider.sha384(abc)))
    expect(toHex(provider.sha512(abc))).toBe(
      'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
    )
    expect(toHex(provider.sha512t256(abc))).toBe(
      '53048e2681941ef99b2e29b76b4c7dabe4c2d0c634fc6d46e0e2f13107e7af23',
    )
    // As python3's hashlib.blake2b(b'abc', digest_size=32).
    expect(toHex(provider.blake2b256(abc))).toBe(
      'bddd813c634239723171ef3fee98579b94964e3bb1cb3e427262c8c068d52319',
    )
    expect(toHex(provider.blake2s(abc))).toBe(
      '508c5e8c327c14e2e1a72ba34eeb452f37458b209ed63a294d999b4c86675982',
    )
  })

  it('hash nothing at all as the empty string', () => {
    const empty = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
    expect(toHex(provider.sha256())).toBe(empty)
    expect(toHex(provider.sha256(EMPTY))).toBe(empty)
    expect(toHex(provider.createSha256().digest())).toBe(empty)
  })

  it('hash a million letters fed in chunks (FIPS 180-4 example)', () => {
    const state = provider.createSha256()
    const chunk = utf8('a'.repeat(1000))
    for (let i = 0; i < 1000; i++) state.update(chunk)
    expect(toHex(state.digest())).toBe('cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0')
  })

  it('go on from a copy without touching the original', () => {
    const state = provider.createSha256().update(utf8('a'))
    const copy = state.copy()
    state.update(utf8('x'))
    expect(toHex(copy.update(utf8('bc')).digest())).toBe(
      'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
    )
    expect(toHex(state.digest())).toBe(toHex(provider.sha256(utf8('ax'))))
  })

  it('return plain byte arrays, whose slice copies', () => {
    for (const digest of [
      provider.sha256(utf8('abc')),
      provider.sha256(),
      provider.createSha256().digest(),
    ]) {
      expect(Object.getPrototypeOf(digest)).toBe(Uint8Array.prototype)
    }
  })
})

describe.each(providers)('HMAC of the $name provider', (provider) => {
  // RFC 4231, test cases 1, 2, 6 (a key longer than the block).
  it.each([
    [
      '0b'.repeat(20),
      toHex(utf8('Hi There')),
      'b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7',
    ],
    [
      toHex(utf8('Jefe')),
      toHex(utf8('what do ya want for nothing?')),
      '5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843',
    ],
    [
      'aa'.repeat(131),
      toHex(utf8('Test Using Larger Than Block-Size Key - Hash Key First')),
      '60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54',
    ],
  ])('matches RFC 4231 with key %s', (key, data, expected) => {
    const bytes = fromHex(data)
    expect(toHex(provider.hmac('sha256', fromHex(key), bytes))).toBe(expected)
    expect(toHex(provider.hmac('sha256', fromHex(key), bytes.subarray(0, 3), EMPTY, bytes.subarray(3)))).toBe(
      expected,
    )
  })
})

describe.each(providers)('SHA-384 in HMAC and HKDF of the $name provider', (provider) => {
  it('matches RFC 4231 test cases 1 and 6', () => {
    const key = new Uint8Array(20).fill(0x0b)
    expect(toHex(provider.hmac('sha384', key, utf8('Hi There')))).toBe(
      'afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6',
    )
    const long = new Uint8Array(131).fill(0xaa)
    const data = utf8('Test Using Larger Than Block-Size Key - Hash Key First')
    expect(toHex(provider.hmac('sha384', long, data))).toBe(
      '4ece084485813e9088d2c63a041bc5b44f9ef1012a2b588f3cd11f05033ac4c60c2ef6ab4030fe8296248df163f44952',
    )
  })

  // C2SP/wycheproof at testvectors_v1/hkdf_sha384_test.json, tests 2 and 25.
  it.each([
    [
      'a23632e18ec76b59b1c87008da3f8a7e',
      '46cddd93b528a7b2df07a3d21e809d8980e1bf8faebfa48199779626ddbe925781ce9fc8de6b27eaeec7',
    ],
    [
      '094db4e2eaae8fc9dca0d9bc14b29387fd476921',
      'c43885bce028d5894c5ce3cb40928a46d18a50fe76a6e6484699fd99e41f2fbd26c7ea7799365debf1eb',
    ],
  ])('matches Wycheproof on the key %s', (ikm, okm) => {
    expect(toHex(provider.hkdf(fromHex(ikm), EMPTY, EMPTY, 42, 'sha384'))).toBe(okm)
    const prk = provider.hkdfExtract(fromHex(ikm), EMPTY, 'sha384')
    expect(toHex(provider.hkdfExpand(prk, EMPTY, 42, 'sha384'))).toBe(okm)
  })

  it('gives 12,240 bytes and refuses more', () => {
    expect(provider.hkdf(utf8('ikm'), EMPTY, EMPTY, 12_240, 'sha384')).toHaveLength(12_240)
    expect(() => provider.hkdf(utf8('ikm'), EMPTY, EMPTY, 12_241, 'sha384')).toThrow(
      expect.objectContaining({ code: 'E_CRYPTO' }),
    )
  })
})

describe.each(providers)('HKDF of the $name provider', (provider) => {
  // RFC 5869 appendix A, cases 1 to 3.
  const sequence = (from: number, to: number): Uint8Array =>
    Uint8Array.from({ length: to - from + 1 }, (_, i) => from + i)

  it('matches RFC 5869 case 1, both steps apart and together', () => {
    const ikm = new Uint8Array(22).fill(0x0b)
    const info = sequence(0xf0, 0xf9)
    const okm = '3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865'
    const prk = provider.hkdfExtract(ikm, sequence(0, 12))
    expect(toHex(prk)).toBe('077709362c2e32df0ddc3f0dc47bba6390b6c73bb50f9c3122ec844ad7c2b3e5')
    expect(toHex(provider.hkdfExpand(prk, info, 42))).toBe(okm)
    expect(toHex(provider.hkdf(ikm, sequence(0, 12), info, 42))).toBe(okm)
  })

  it('matches RFC 5869 case 2, with inputs longer than a block', () => {
    expect(toHex(provider.hkdf(sequence(0, 0x4f), sequence(0x60, 0xaf), sequence(0xb0, 0xff), 82))).toBe(
      'b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b8367793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87',
    )
  })

  it('matches RFC 5869 case 3, where salt and info are empty', () => {
    const ikm = new Uint8Array(22).fill(0x0b)
    const okm = '8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8'
    expect(toHex(provider.hkdf(ikm, EMPTY, EMPTY, 42))).toBe(okm)
    expect(toHex(provider.hkdf(ikm, new Uint8Array(32), EMPTY, 42))).toBe(okm)
  })

  it('gives 0 to 8,160 bytes and refuses more', () => {
    const longest = provider.hkdf(utf8('ikm'), EMPTY, EMPTY, 8160)
    expect(longest.length).toBe(8160)
    expect(toHex(provider.hkdf(utf8('ikm'), EMPTY, EMPTY, 100))).toBe(toHex(longest.subarray(0, 100)))
    expect(provider.hkdf(utf8('ikm'), EMPTY, EMPTY, 0).length).toBe(0)
    for (const length of [8161, -1, 1.5, Number.NaN]) {
      expect(() => provider.hkdf(utf8('ikm'), EMPTY, EMPTY, length)).toThrow(
        expect.objectContaining({ code: 'E_CRYPTO' }),
      )
    }
  })
})
