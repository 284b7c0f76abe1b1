import { ristretto255 } from '@noble/curves/ed25519.js'
import { describe, expect, it } from 'vitest'
import { SeededRandom, utf8 } from '../../../src/lib/core/index.ts'
import { type Dealing, loadPvss, type OpenedShare } from '../../../src/lib/crypto/index.ts'

const pvss = await loadPvss()
const random = new SeededRandom(1)
const CONTEXT = utf8('epoch 7, authority 2')
const HOLDERS = 5
const THRESHOLD = 3

const secretKeys = Array.from({ length: HOLDERS }, () => pvss.generateSecretKey(random))
const publicKeys = secretKeys.map((key) => pvss.publicKey(key))
const { dealing, secret } = pvss.deal(publicKeys, THRESHOLD, CONTEXT, random)
const opened = secretKeys.map((key, index) => pvss.openShare(dealing, index, key, CONTEXT, random))

const verifies = (some: Dealing, context = CONTEXT, threshold = THRESHOLD): boolean =>
  pvss.verifyDealing(some, publicKeys, threshold, context)

/** Every way to choose `count` of the shares. */
function choices(from: readonly OpenedShare[], count: number): OpenedShare[][] {
  if (count === 0) return [[]]
  return from.flatMap((first, i) => choices(from.slice(i + 1), count - 1).map((rest) => [first, ...rest]))
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = bytes.slice()
  copy[at] = (copy[at] as number) ^ 1
  return copy
}

/** Another point, so that what changed can be decoded. */
const moved = (bytes: Uint8Array): Uint8Array =>
  ristretto255.Point.fromBytes(bytes).add(ristretto255.Point.BASE).toBytes()

describe('a secret that is shared', () => {
  it('is found by the dealer and by any three of five holders, and is the same', () => {
    const value = pvss.openBySecret(dealing, secret)
    expect(value).toHaveLength(32)
    for (const some of choices(opened, THRESHOLD)) expect(pvss.openByShares(dealing, some)).toEqual(value)
    expect(pvss.openByShares(dealing, opened.toReversed())).toEqual(value)
  })

  it('is not found by two, nor by one who comes three times', () => {
    for (const some of choices(opened, THRESHOLD - 1))
      expect(pvss.openByShares(dealing, some)).toBeUndefined()
    const [one] = opened as [OpenedShare]
    expect(pvss.openByShares(dealing, [one, one, one])).toBeUndefined()
  })

  it('is what the polynomial of the dealer says, by arithmetic of another kind', () => {
    // With a threshold of one every share is the secret itself under the holder's key.
    const alone = pvss.deal(publicKeys, 1, CONTEXT, random)
    const value = pvss.openBySecret(alone.dealing, alone.secret)
    const shares = secretKeys.map((key, index) => pvss.openShare(alone.dealing, index, key, CONTEXT, random))
    for (const { share } of shares) expect(share).toEqual(value)
    const scalar = ristretto255.Point.Fn.fromBytes(alone.secret)
    expect(alone.dealing.commitments).toEqual([ristretto255.Point.BASE.multiply(scalar).toBytes()])
  })
})

describe('a dealing', () => {
  it('is verified by anybody', () => {
    expect(verifies(dealing)).toBe(true)
  })

  it('is refused in another context, for other holders, another order or threshold', () => {
    expect(verifies(dealing, utf8('epoch 8, authority 2'))).toBe(false)
    expect(verifies(dealing, CONTEXT, 2)).toBe(false)
    expect(verifies(dealing, CONTEXT, 4)).toBe(false)
    expect(pvss.verifyDealing(dealing, publicKeys.toReversed(), THRESHOLD, CONTEXT)).toBe(false)
    expect(pvss.verifyDealing(dealing, publicKeys.slice(1), THRESHOLD, CONTEXT)).toBe(false)
  })

  it('is refused when a share of it could not be opened to the same polynomial', () => {
    dealing.shares.forEach((share, i) => {
      expect(verifies({ ...dealing, shares: dealing.shares.with(i, moved(share)) })).toBe(false)
    })
    dealing.commitments.forEach((commitment, i) => {
      expect(verifies({ ...dealing, commitments: dealing.commitments.with(i, moved(commitment)) })).toBe(
        false,
      )
    })
    dealing.responses.forEach((response, i) => {
      expect(verifies({ ...dealing, responses: dealing.responses.with(i, flipped(response, 0)) })).toBe(false)
    })
    expect(verifies({ ...dealing, challenge: flipped(dealing.challenge, 0) })).toBe(false)
  })

  it('of bytes that are no points or scalars is refused, and nothing throws', () => {
    const none = new Uint8Array(32)
    for (const bad of [none, none.fill(0xff), new Uint8Array(31), new Uint8Array(0)]) {
      expect(verifies({ ...dealing, shares: dealing.shares.with(0, bad) })).toBe(false)
      expect(verifies({ ...dealing, commitments: dealing.commitments.with(0, bad) })).toBe(false)
      expect(verifies({ ...dealing, responses: dealing.responses.with(0, bad) })).toBe(false)
      expect(verifies({ ...dealing, challenge: bad })).toBe(false)
      expect(pvss.verifyDealing(dealing, publicKeys.with(0, bad), THRESHOLD, CONTEXT)).toBe(false)
      expect(pvss.openBySecret(dealing, bad)).toBeUndefined()
    }
    expect(verifies({ ...dealing, shares: dealing.shares.slice(1) })).toBe(false)
    expect(verifies({ ...dealing, responses: [...dealing.responses, none] })).toBe(false)
  })

  it('cannot be opened to another value by its dealer', () => {
    expect(pvss.openBySecret(dealing, flipped(secret, 0))).toBeUndefined()
  })

  it('cannot be made for keys that are none, or a threshold beyond the holders', () => {
    for (const threshold of [0, HOLDERS + 1, 1.5])
      expect(() => pvss.deal(publicKeys, threshold, CONTEXT, random)).toThrow(
        expect.objectContaining({ code: 'E_CRYPTO' }),
      )
    expect(() => pvss.deal([new Uint8Array(32)], 1, CONTEXT, random)).toThrow(
      expect.objectContaining({ code: 'E_CRYPTO' }),
    )
    expect(() => pvss.publicKey(new Uint8Array(32))).toThrow(expect.objectContaining({ code: 'E_CRYPTO' }))
  })
})

describe('the share that a holder opens', () => {
  it('is verified against the holder and the dealing', () => {
    opened.forEach((share, i) => {
      expect(pvss.verifyShare(dealing, share, publicKeys[i] as Uint8Array, CONTEXT)).toBe(true)
    })
  })

  it('is refused from another holder, at another place, in another context or when it is another point', () => {
    const [one] = opened as [OpenedShare]
    const [key, otherKey] = publicKeys as [Uint8Array, Uint8Array]
    expect(pvss.verifyShare(dealing, one, otherKey, CONTEXT)).toBe(false)
    expect(pvss.verifyShare(dealing, { ...one, index: 1 }, key, CONTEXT)).toBe(false)
    expect(pvss.verifyShare(dealing, { ...one, index: 99 }, key, CONTEXT)).toBe(false)
    expect(pvss.verifyShare(dealing, one, key, utf8('other'))).toBe(false)
    expect(pvss.verifyShare(dealing, { ...one, share: moved(one.share) }, key, CONTEXT)).toBe(false)
    expect(pvss.verifyShare(dealing, { ...one, challenge: flipped(one.challenge, 0) }, key, CONTEXT)).toBe(
      false,
    )
    expect(pvss.verifyShare(dealing, { ...one, response: flipped(one.response, 0) }, key, CONTEXT)).toBe(
      false,
    )
    expect(pvss.verifyShare(dealing, { ...one, share: new Uint8Array(32) }, key, CONTEXT)).toBe(false)
  })
})
