/** Publicly verifiable secret sharing (Schoenmakers 1999); the surface says what it is for. Load it with `loadPvss`. */
import { AivError } from '../../core/index.ts'
import { proveEqualLogarithms, type Statement, verifyEqualLogarithms } from './equal-logarithms.ts'
import {
  BASE,
  decodePoint,
  decodePoints,
  decodeScalar,
  type Element,
  encodeScalar,
  Point,
  randomScalar,
  SECOND_BASE,
} from './group.ts'
import type { Pvss } from './surface.ts'

/** Nobody runs a directory of more authorities, and the work grows with their number times the threshold. */
const MAX_HOLDERS = 64

export const pvss: Pvss = {
  generateSecretKey: (random) => encodeScalar(randomScalar(random)),

  publicKey: (secretKey) => SECOND_BASE.multiply(requireScalar(secretKey)).toBytes(),

  deal(publicKeys, threshold, context, random) {
    const keys = decodePoints(publicKeys)
    if (keys === undefined || !isPossible(keys.length, threshold))
      throw new AivError('E_CRYPTO', 'a secret cannot be shared among these keys with this threshold')
    const coefficients = Array.from({ length: threshold }, () => randomScalar(random))
    const exponents = keys.map((_, i) => evaluate(coefficients, BigInt(i + 1)))
    // An exponent of zero would show: it happens once in 2^252 dealings.
    if (exponents.includes(0n)) return pvss.deal(publicKeys, threshold, context, random)
    const shares = keys.map((key, i) => key.multiply(exponents[i] as bigint))
    const commitments = coefficients.map((coefficient) => BASE.multiply(coefficient))
    const statements = statementsOf(commitments, keys, shares)
    const { challenge, responses } = proveEqualLogarithms(statements, exponents, context, random)
    const dealing = {
      commitments: commitments.map((point) => point.toBytes()),
      shares: shares.map((point) => point.toBytes()),
      challenge: encodeScalar(challenge),
      responses: responses.map(encodeScalar),
    }
    return { dealing, secret: encodeScalar(coefficients[0] as bigint) }
  },

  verifyDealing(dealing, publicKeys, threshold, context) {
    if (!isPossible(publicKeys.length, threshold)) return false
    if (dealing.commitments.length !== threshold || dealing.shares.length !== publicKeys.length) return false
    if (dealing.responses.length !== publicKeys.length) return false
    const keys = decodePoints(publicKeys)
    const commitments = decodePoints(dealing.commitments)
    const shares = decodePoints(dealing.shares)
    const challenge = decodeScalar(dealing.challenge)
    const responses = dealing.responses.map(decodeScalar)
    if (keys === undefined || commitments === undefined || shares === undefined) return false
    if (challenge === undefined || !responses.every((response) => response !== undefined)) return false
    return verifyEqualLogarithms(statementsOf(commitments, keys, shares), { challenge, responses }, context)
  },

  openBySecret(dealing, secret) {
    const exponent = decodeScalar(secret)
    const commitment = decodePoint(dealing.commitments[0] ?? new Uint8Array())
    if (exponent === undefined || exponent === 0n || commitment === undefined) return undefined
    return BASE.multiply(exponent).equals(commitment) ? SECOND_BASE.multiply(exponent).toBytes() : undefined
  },

  openShare(dealing, index, secretKey, context, random) {
    const key = requireScalar(secretKey)
    const share = decodePoint(dealing.shares[index] ?? new Uint8Array())
    if (share === undefined) throw new AivError('E_CRYPTO', 'the dealing has no share for this holder')
    const opened = share.multiply(Point.Fn.inv(key))
    const statement = openingOf(SECOND_BASE.multiply(key), opened, share)
    const { challenge, responses } = proveEqualLogarithms([statement], [key], context, random)
    return {
      index,
      share: opened.toBytes(),
      challenge: encodeScalar(challenge),
      response: encodeScalar(responses[0] as bigint),
    }
  },

  verifyShare(dealing, opened, publicKey, context) {
    const key = decodePoint(publicKey)
    const share = decodePoint(opened.share)
    const sealed = decodePoint(dealing.shares[opened.index] ?? new Uint8Array())
    const challenge = decodeScalar(opened.challenge)
    const response = decodeScalar(opened.response)
    if (key === undefined || share === undefined || sealed === undefined) return false
    if (challenge === undefined || response === undefined) return false
    const proof = { challenge, responses: [response] }
    return verifyEqualLogarithms([openingOf(key, share, sealed)], proof, context)
  },

  openByShares(dealing, opened) {
    const threshold = dealing.commitments.length
    const some = [...new Map(opened.map((share) => [share.index, share])).values()].slice(0, threshold)
    const points = decodePoints(some.map(({ share }) => share))
    if (some.length < threshold || points === undefined) return undefined
    const places = some.map(({ index }) => BigInt(index + 1))
    return points
      .reduce(
        (sum, point, i) => sum.add(point.multiplyUnsafe(lagrange(places, places[i] as bigint))),
        Point.ZERO,
      )
      .toBytes()
  },
}

function isPossible(holders: number, threshold: number): boolean {
  return Number.isInteger(threshold) && threshold >= 1 && threshold <= holders && holders <= MAX_HOLDERS
}

/** That each share is the holder's key times the exponent which the commitments say. */
function statementsOf(
  commitments: readonly Element[],
  keys: readonly Element[],
  shares: readonly Element[],
): readonly Statement[] {
  return keys.map((key, i) => ({
    leftBase: BASE,
    left: committedAt(commitments, BigInt(i + 1)),
    rightBase: key,
    right: shares[i] as Element,
  }))
}

/** That the key which opened a share is the holder's. */
function openingOf(publicKey: Element, share: Element, sealed: Element): Statement {
  return { leftBase: SECOND_BASE, left: publicKey, rightBase: share, right: sealed }
}

/** The commitment to the polynomial's value at `x`, by Horner's rule. */
function committedAt(commitments: readonly Element[], x: bigint): Element {
  return commitments.reduceRight((sum, point) => sum.multiplyUnsafe(x).add(point), Point.ZERO)
}

function evaluate(coefficients: readonly bigint[], x: bigint): bigint {
  return coefficients.reduceRight((sum, coefficient) => Point.Fn.create(sum * x + coefficient), 0n)
}

/** The weight of the value at `place` for the value at zero. */
function lagrange(places: readonly bigint[], place: bigint): bigint {
  const { Fn } = Point
  return places.reduce(
    (weight, other) => (other === place ? weight : Fn.mul(weight, Fn.div(other, Fn.create(other - place)))),
    1n,
  )
}

function requireScalar(bytes: Uint8Array): bigint {
  const scalar = decodeScalar(bytes)
  if (scalar === undefined || scalar === 0n) throw new AivError('E_CRYPTO', 'not a secret key for shares')
  return scalar
}
