/**
 * Verifiable random functions of RFC 9381: ECVRF-EDWARDS25519-SHA512-TAI (suite 0x03) and -ELL2 (suite 0x04), on
 * @noble/curves. Load it with `loadEcvrf`: most commands need no curve.
 *
 * Verification is stricter than section 5.3 asks: besides `s < q` and canonical points, the public key and Gamma must lie in
 * the subgroup of prime order. An honest prover makes nothing else, and the holder of a key could otherwise publish eight
 * different proofs of one output.
 */
import { ed25519, ed25519_hasher } from '@noble/curves/ed25519.js'
import { AivError, concat, equal, utf8 } from '../../core/index.ts'
import { ED25519_BYTES } from '../constants.ts'
import { requireLength } from '../lengths.ts'
import { sha512 } from '../node/hash.ts'
import { erase } from '../secrets.ts'
import { type Ecvrf, VRF_PROOF_BYTES, type VrfSuite } from './surface.ts'

const { Point } = ed25519
type CurvePoint = InstanceType<typeof Point>

const SUITE_BYTE: Readonly<Record<VrfSuite, number>> = { tai: 0x03, ell2: 0x04 }
const ELL2_DST = concat(utf8('ECVRF_edwards25519_XMD:SHA-512_ELL2_NU_'), Uint8Array.of(SUITE_BYTE.ell2))
/** Domain separators of section 5.4; each hash ends with a zero byte. */
const ENCODE_TO_CURVE = 0x01
const CHALLENGE = 0x02
const PROOF_TO_HASH = 0x03
const BACK = 0x00

/** Bytes of the challenge c, "cLen". */
const CHALLENGE_BYTES = 16
const POINT_BYTES = 32

interface Proof {
  readonly gamma: CurvePoint
  readonly c: bigint
  readonly s: bigint
}

interface SecretKey {
  readonly x: bigint
  readonly publicKey: Uint8Array
  readonly publicPoint: CurvePoint
  /** Second half of the hashed seed, from which nonces come. */
  readonly prefix: Uint8Array
}

/** What a proof is made of, as RFC 9381 appendix B prints it. The nonce `k` gives the key away: for published vectors only. */
export interface ProofSteps {
  readonly h: Uint8Array
  readonly k: Uint8Array
  readonly u: Uint8Array
  readonly v: Uint8Array
  readonly proof: Uint8Array
}

export const ecvrf: Ecvrf = {
  publicKey(seed) {
    const key = expandSeed(seed)
    erase(key.prefix)
    return key.publicKey
  },
  prove(suite, seed, alpha) {
    const { k, proof } = proofSteps(suite, seed, alpha)
    erase(k)
    return proof
  },
  verify(suite, publicKey, alpha, proof) {
    const y = decodePoint(publicKey)
    const decoded = decodeProof(proof)
    if (y === undefined || decoded === undefined) return undefined
    const { gamma, c, s } = decoded
    const h = encodeToCurve(suite, publicKey, alpha)
    const u = Point.BASE.multiplyUnsafe(s).subtract(y.multiplyUnsafe(c))
    const v = h.multiplyUnsafe(s).subtract(gamma.multiplyUnsafe(c))
    if (!equal(challenge(suite, [y, h, gamma, u, v]), proof.subarray(POINT_BYTES, 48))) return undefined
    return outputOf(suite, gamma)
  },
  proofToHash(suite, proof) {
    const decoded = decodeProof(proof)
    return decoded === undefined ? undefined : outputOf(suite, decoded.gamma)
  },
}

/**
 * Section 5.1.
 * @throws AivError `E_CRYPTO` for a seed of another length
 */
export function proofSteps(suite: VrfSuite, seed: Uint8Array, alpha: Uint8Array): ProofSteps {
  const { x, publicKey, publicPoint, prefix } = expandSeed(seed)
  const h = encodeToCurve(suite, publicKey, alpha)
  const hBytes = h.toBytes()
  const wide = sha512(prefix, hBytes)
  const k = Point.Fn.create(fromLittleEndian(wide))
  erase(prefix, wide)
  // `multiply` takes the same time for every scalar; the fast variant would show bits of x and k.
  const gamma = h.multiply(x)
  const u = Point.BASE.multiply(k)
  const v = h.multiply(k)
  const c = challenge(suite, [publicPoint, h, gamma, u, v])
  const s = Point.Fn.create(k + fromLittleEndian(c) * x)
  return {
    h: hBytes,
    k: toLittleEndian(k),
    u: u.toBytes(),
    v: v.toBytes(),
    proof: concat(gamma.toBytes(), c, toLittleEndian(s)),
  }
}

/** The key as Ed25519 expands it (RFC 8032 section 5.1.5). */
function expandSeed(seed: Uint8Array): SecretKey {
  requireLength(seed, ED25519_BYTES, 'VRF seed')
  const hashed = sha512(seed)
  const scalar = hashed.subarray(0, 32)
  scalar[0] = (scalar[0] as number) & 0xf8
  scalar[31] = ((scalar[31] as number) & 0x7f) | 0x40
  const x = Point.Fn.create(fromLittleEndian(scalar))
  const prefix = hashed.slice(32)
  erase(hashed)
  const publicPoint = Point.BASE.multiply(x)
  return { x, publicKey: publicPoint.toBytes(), publicPoint, prefix }
}

/** Section 5.4.1: a point of prime order that nobody knows the logarithm of. */
function encodeToCurve(suite: VrfSuite, publicKey: Uint8Array, alpha: Uint8Array): CurvePoint {
  return suite === 'tai' ? tryAndIncrement(publicKey, alpha) : elligator2(publicKey, alpha)
}

function tryAndIncrement(publicKey: Uint8Array, alpha: Uint8Array): CurvePoint {
  const front = Uint8Array.of(SUITE_BYTE.tai, ENCODE_TO_CURVE)
  // Each try succeeds with probability about one half: 256 failures do not happen.
  for (let counter = 0; counter < 256; counter++) {
    const hash = sha512(front, publicKey, alpha, Uint8Array.of(counter, BACK))
    try {
      const point = Point.fromBytes(hash.subarray(0, POINT_BYTES)).clearCofactor()
      if (!point.is0()) return point
    } catch {
      // Not the encoding of a point: the next counter.
    }
  }
  throw new AivError('E_CRYPTO', 'no curve point was found for this VRF input')
}

function elligator2(publicKey: Uint8Array, alpha: Uint8Array): CurvePoint {
  return ed25519_hasher.encodeToCurve(concat(publicKey, alpha), { DST: ELL2_DST }) as CurvePoint
}

/** Section 5.4.3, with the public key among the points. */
function challenge(suite: VrfSuite, points: readonly CurvePoint[]): Uint8Array {
  const encoded = points.map((point) => point.toBytes())
  return sha512(Uint8Array.of(SUITE_BYTE[suite], CHALLENGE), ...encoded, Uint8Array.of(BACK)).slice(
    0,
    CHALLENGE_BYTES,
  )
}

/** Section 5.2: 64 bytes. */
function outputOf(suite: VrfSuite, gamma: CurvePoint): Uint8Array {
  const front = Uint8Array.of(SUITE_BYTE[suite], PROOF_TO_HASH)
  return sha512(front, gamma.clearCofactor().toBytes(), Uint8Array.of(BACK))
}

function decodeProof(proof: Uint8Array): Proof | undefined {
  if (proof.length !== VRF_PROOF_BYTES) return undefined
  const gamma = decodePoint(proof.subarray(0, POINT_BYTES))
  const c = fromLittleEndian(proof.subarray(POINT_BYTES, POINT_BYTES + CHALLENGE_BYTES))
  const s = fromLittleEndian(proof.subarray(POINT_BYTES + CHALLENGE_BYTES))
  if (gamma === undefined || s >= Point.Fn.ORDER) return undefined
  return { gamma, c, s }
}

/** A point of prime order in its one encoding. */
function decodePoint(bytes: Uint8Array): CurvePoint | undefined {
  if (bytes.length !== POINT_BYTES) return undefined
  try {
    const point = Point.fromBytes(bytes)
    return point.is0() || !point.isTorsionFree() ? undefined : point
  } catch {
    return undefined
  }
}

function fromLittleEndian(bytes: Uint8Array): bigint {
  let value = 0n
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i] as number)
  return value
}

function toLittleEndian(value: bigint): Uint8Array {
  const out = new Uint8Array(32)
  for (let i = 0, left = value; i < out.length; i++, left >>= 8n) out[i] = Number(left & 0xffn)
  return out
}
