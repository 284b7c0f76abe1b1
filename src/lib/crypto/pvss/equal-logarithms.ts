/**
 * Proofs that points have the same discrete logarithm for two bases (D. Chaum and T. P. Pedersen, "Wallet databases with
 * observers", CRYPTO 1992), several under one challenge, made non-interactive by hashing (Fiat and Shamir).
 */
import { concat, type RandomSource, utf8 } from '../../core/index.ts'
import { sha512 } from '../node/hash.ts'
import { type Element, Point, randomScalar, scalarOfBytes } from './group.ts'

/** `left = leftBase * x` and `right = rightBase * x`. */
export interface Statement {
  readonly leftBase: Element
  readonly left: Element
  readonly rightBase: Element
  readonly right: Element
}

export interface LogarithmProof {
  readonly challenge: bigint
  readonly responses: readonly bigint[]
}

const DOMAIN = utf8('aiv-pvss-dleq-v1')
const WIDE_BYTES = 64

/** @param exponents one for each statement; secret */
export function proveEqualLogarithms(
  statements: readonly Statement[],
  exponents: readonly bigint[],
  context: Uint8Array,
  random: RandomSource,
): LogarithmProof {
  const nonces = statements.map(() => randomScalar(random))
  const hints = statements.map(({ leftBase, rightBase }, i): readonly [Element, Element] => {
    const nonce = nonces[i] as bigint
    return [leftBase.multiply(nonce), rightBase.multiply(nonce)]
  })
  const challenge = challengeOf(statements, hints, context)
  const responses = nonces.map((nonce, i) => Point.Fn.create(nonce - (exponents[i] as bigint) * challenge))
  return { challenge, responses }
}

export function verifyEqualLogarithms(
  statements: readonly Statement[],
  { challenge, responses }: LogarithmProof,
  context: Uint8Array,
): boolean {
  if (responses.length !== statements.length) return false
  const hints = statements.map(({ leftBase, left, rightBase, right }, i): readonly [Element, Element] => {
    const response = responses[i] as bigint
    return [
      leftBase.multiplyUnsafe(response).add(left.multiplyUnsafe(challenge)),
      rightBase.multiplyUnsafe(response).add(right.multiplyUnsafe(challenge)),
    ]
  })
  return challengeOf(statements, hints, context) === challenge
}

/** Over everything that the proof is about: what is left out could be chosen after the challenge. */
function challengeOf(
  statements: readonly Statement[],
  hints: readonly (readonly [Element, Element])[],
  context: Uint8Array,
): bigint {
  const points = statements.flatMap(({ leftBase, left, rightBase, right }, i) => [
    leftBase,
    left,
    rightBase,
    right,
    ...(hints[i] as readonly [Element, Element]),
  ])
  const digest = sha512(DOMAIN, sha512(context), concat(...points.map((point) => point.toBytes())))
  return scalarOfBytes(digest.subarray(0, WIDE_BYTES))
}
