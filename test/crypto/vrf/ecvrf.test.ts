import { readFileSync } from 'node:fs'
import { ed25519 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { concat, fromHex, SeededRandom, toHex, utf8 } from '../../../src/lib/core/index.ts'
import { loadEcvrf, ed25519 as nodeEd25519, sha512, VRF_SUITES } from '../../../src/lib/crypto/index.ts'
import { vrfSuite } from '../../../src/lib/crypto/vectors/index.ts'
import { conformancePath } from '../../support/conformance.ts'

const { Point } = ed25519
const Q = Point.Fn.ORDER
const ecvrf = await loadEcvrf()
const vectors = conformancePath('mix', 'rfc9381_vectors.json')

/** RFC 9381 appendix B, Examples 16 and 19: the same key and an empty alpha in both suites. */
const SEED = fromHex('9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60')
const PUBLIC = fromHex('d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a')
const PUBLISHED = {
  tai: {
    pi: '8657106690b5526245a92b003bb079ccd1a92130477671f6fc01ad16f26f723f26f8a57ccaed74ee1b190bed1f479d9727d2d0f9b005a6e456a35d4fb0daab1268a1b0db10836d9826a528ca76567805',
    beta: '90cf1df3b703cce59e2a35b925d411164068269d7b2d29f3301c03dd757876ff66b71dda49d2de59d03450451af026798e8f81cd2e333de5cdf4f3e140fdd8ae',
  },
  ell2: {
    pi: '7d9c633ffeee27349264cf5c667579fc583b4bda63ab71d001f89c10003ab46f14adf9a3cd8b8412d9038531e865c341cafa73589b023d14311c331a9ad15ff2fb37831e00f0acaa6d73bc9997b06501',
    beta: '9d574bf9b8302ec0fc1e21c3ec5368269527b87b462ce36dab2d14ccf80c53cccf6758f058c5b1c856b116388152bbe509ee3b9ecfe63d93c3b4346c1fbc6c54',
  },
} as const

/** Every encoding of a point whose order divides 8 (libsodium's list of small-order points, with both signs). */
const LOW_ORDER = [
  '0100000000000000000000000000000000000000000000000000000000000000',
  '0100000000000000000000000000000000000000000000000000000000000080',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff',
  '0000000000000000000000000000000000000000000000000000000000000000',
  '0000000000000000000000000000000000000000000000000000000000000080',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05',
  '26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a',
  'c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa',
  'eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
  'edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f',
] as const

const TORSION = Point.fromHex('26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05')

function littleEndian(bytes: Uint8Array): bigint {
  return BigInt(`0x${toHex(bytes.toReversed())}`)
}

function littleEndianBytes(value: bigint): Uint8Array {
  return fromHex(value.toString(16).padStart(64, '0')).toReversed()
}

/** H of Example 16, as the RFC prints it. */
const H = Point.fromHex('91bbed02a99461df1ad4c6564a5f5d829d0b90cfc7903e7a5797bd658abf3318')

/** The challenge of RFC 9381 section 5.4.3, written out for this test alone. */
function challenge(gamma: Uint8Array, u: Uint8Array, v: Uint8Array): bigint {
  const hash = sha512(Uint8Array.of(3, 2), PUBLIC, H.toBytes(), gamma, u, v, Uint8Array.of(0))
  return littleEndian(hash.subarray(0, 16))
}

/** What the holder of the key can make: a proof whose Gamma has torsion and whose equation holds all the same. */
function proofWithTorsion(): Uint8Array {
  const hashed = sha512(SEED)
  const x = Point.Fn.create((littleEndian(hashed.subarray(0, 32)) & ((1n << 254n) - 8n)) | (1n << 254n))
  const gamma = H.multiply(x).add(TORSION)
  for (let k = 1n; ; k++) {
    const c = challenge(gamma.toBytes(), Point.BASE.multiply(k).toBytes(), H.multiply(k).toBytes())
    // A challenge that is a multiple of 8 makes the torsion vanish from c * Gamma.
    if (c % 8n !== 0n) continue
    const cBytes = littleEndianBytes(c).subarray(0, 16)
    return concat(gamma.toBytes(), cBytes, littleEndianBytes(Point.Fn.create(k + c * x)))
  }
}

/** Section 5.3 to the letter, for suite TAI, the key and the alpha of Example 16. */
function holdsByTheLetter(proof: Uint8Array): boolean {
  const gamma = Point.fromBytes(proof.subarray(0, 32))
  const [c, s] = [littleEndian(proof.subarray(32, 48)), littleEndian(proof.subarray(48))]
  const u = Point.BASE.multiplyUnsafe(s).subtract(Point.fromBytes(PUBLIC).multiplyUnsafe(c))
  const v = H.multiplyUnsafe(s).subtract(gamma.multiplyUnsafe(c))
  return challenge(gamma.toBytes(), u.toBytes(), v.toBytes()) === c
}

describe.skipIf(vectors === undefined)('the vectors of RFC 9381', () => {
  const content = vectors === undefined ? '' : readFileSync(vectors, 'utf8')

  it('hold, with every value in between that the document prints', async () => {
    const result = await vrfSuite.run({ path: 'rfc9381', content })
    expect(result).toMatchObject({ passed: 6, failed: 0, skipped: 0, failures: [], notes: [] })
  })

  it('are all looked at: a change to any value of any vector is found', async () => {
    const document = JSON.parse(content) as Record<string, Record<string, string>[]>
    let changes = 0
    for (const suite of VRF_SUITES)
      for (const vector of document[suite] ?? [])
        for (const name of Object.keys(vector).filter((key) => key !== 'example')) {
          const right = vector[name] as string
          vector[name] = right === '' ? '00' : (right.startsWith('0') ? '1' : '0') + right.slice(1)
          const result = await vrfSuite.run({ path: 'changed', content: JSON.stringify(document) })
          expect([suite, name, result.failed]).toEqual([suite, name, 1])
          vector[name] = right
          changes++
        }
    expect(changes).toBe(3 * 9 + 3 * 6)
  })
})

describe('the vrf suite', () => {
  it.each([
    'no JSON',
    '[]',
    '{}',
    '{"tai":{}}',
    '{"tai":[null]}',
    '{"tai":[{"pk":1}]}',
    '{"tai":[{"pk":"0g","alpha":"","pi":"","beta":""}]}',
    '{"__proto__":{"tai":[]}}',
  ])('fails and does not throw on %s', async (content) => {
    expect(await vrfSuite.run({ path: 'given', content })).toMatchObject({ passed: 0, failed: 1 })
  })

  it('verifies a vector that has no secret key, and says so', async () => {
    const { pi, beta } = PUBLISHED.ell2
    const content = JSON.stringify({ ell2: [{ pk: toHex(PUBLIC), alpha: '', pi, beta }] })
    const { passed, notes } = await vrfSuite.run({ path: 'given', content })
    expect([passed, notes.length]).toEqual([1, 1])
  })
})

describe.each(VRF_SUITES)('ECVRF %s', (suite) => {
  const alpha = new Uint8Array(0)
  const pi = fromHex(PUBLISHED[suite].pi)
  const beta = PUBLISHED[suite].beta

  it('proves and verifies the published example', () => {
    expect(toHex(ecvrf.prove(suite, SEED, alpha))).toBe(PUBLISHED[suite].pi)
    expect(toHex(ecvrf.verify(suite, PUBLIC, alpha, pi) ?? alpha)).toBe(beta)
    expect(toHex(ecvrf.proofToHash(suite, pi) ?? alpha)).toBe(beta)
  })

  it('refuses a proof with any byte changed', () => {
    for (let at = 0; at < pi.length; at++) {
      const mauled = pi.slice()
      mauled[at] = (mauled[at] as number) ^ (1 << (at % 8))
      expect([at, ecvrf.verify(suite, PUBLIC, alpha, mauled)]).toEqual([at, undefined])
    }
  })

  it('refuses another alpha, another key and the other suite', () => {
    const other = ecvrf.publicKey(new Uint8Array(32))
    expect(ecvrf.verify(suite, PUBLIC, Uint8Array.of(0), pi)).toBeUndefined()
    expect(ecvrf.verify(suite, other, alpha, pi)).toBeUndefined()
    expect(ecvrf.verify(suite === 'tai' ? 'ell2' : 'tai', PUBLIC, alpha, pi)).toBeUndefined()
  })

  it('refuses s + q, which would be a second proof of the same', () => {
    const s = littleEndian(pi.subarray(48))
    const second = concat(pi.subarray(0, 48), littleEndianBytes(s + Q))
    expect(ecvrf.verify(suite, PUBLIC, alpha, second)).toBeUndefined()
    expect(ecvrf.proofToHash(suite, second)).toBeUndefined()
  })

  it('refuses keys and Gammas of low order, in every encoding', () => {
    for (const point of LOW_ORDER.map(fromHex)) {
      expect(ecvrf.verify(suite, point, alpha, pi)).toBeUndefined()
      expect(ecvrf.verify(suite, PUBLIC, alpha, concat(point, pi.subarray(32)))).toBeUndefined()
      // With c = 0 the equation would hold for any Gamma whose multiple disappears.
      expect(ecvrf.proofToHash(suite, concat(point, new Uint8Array(48)))).toBeUndefined()
    }
  })

  it('refuses a key or a Gamma with a part of low order', () => {
    const mixedKey = Point.fromBytes(PUBLIC).add(TORSION).toBytes()
    expect(ecvrf.verify(suite, mixedKey, alpha, pi)).toBeUndefined()
    const mixedGamma = Point.fromBytes(pi.subarray(0, 32)).add(TORSION).toBytes()
    expect(ecvrf.verify(suite, PUBLIC, alpha, concat(mixedGamma, pi.subarray(32)))).toBeUndefined()
    expect(ecvrf.proofToHash(suite, concat(mixedGamma, pi.subarray(32)))).toBeUndefined()
  })

  it('answers undefined for bytes of any other length, and never throws', () => {
    const random = new SeededRandom(9381)
    for (const length of [0, 1, 31, 32, 33, 79, 81, 160]) {
      const bytes = random.bytes(length)
      expect(ecvrf.verify(suite, PUBLIC, alpha, bytes)).toBeUndefined()
      expect(ecvrf.proofToHash(suite, bytes)).toBeUndefined()
      if (length !== 32) expect(ecvrf.verify(suite, bytes, alpha, pi)).toBeUndefined()
    }
    for (let i = 0; i < 100; i++)
      expect(ecvrf.verify(suite, random.bytes(32), random.bytes(5), random.bytes(80))).toBeUndefined()
  })

  it('verifies what it proves, for keys as Ed25519 derives them', () => {
    const random = new SeededRandom(41)
    for (let i = 0; i < 12; i++) {
      const [seed, input] = [random.bytes(32), random.bytes(i * 7)]
      const publicKey = nodeEd25519.fromSeed(seed).publicKey
      expect(ecvrf.publicKey(seed)).toEqual(publicKey)
      const proof = ecvrf.prove(suite, seed, input)
      const output = ecvrf.verify(suite, publicKey, input, proof)
      expect(output).toHaveLength(64)
      expect(output).toEqual(ecvrf.proofToHash(suite, proof))
    }
  })

  it('takes seeds of 32 bytes only', () => {
    const refusal = expect.objectContaining({ code: 'E_CRYPTO' })
    for (const length of [0, 31, 33, 64]) {
      expect(() => ecvrf.prove(suite, new Uint8Array(length), utf8('x'))).toThrow(refusal)
      expect(() => ecvrf.publicKey(new Uint8Array(length))).toThrow(refusal)
    }
  })
})

describe('a proof whose holder put torsion into Gamma', () => {
  it('satisfies section 5.3 to the letter and is refused here', () => {
    const proof = proofWithTorsion()
    expect(holdsByTheLetter(proof)).toBe(true)
    expect(holdsByTheLetter(fromHex(PUBLISHED.tai.pi))).toBe(true)
    expect(ecvrf.verify('tai', PUBLIC, new Uint8Array(0), proof)).toBeUndefined()
  })
})
