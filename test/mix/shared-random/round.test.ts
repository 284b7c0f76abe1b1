import { describe, expect, it } from 'vitest'
import { SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { type Dealing, loadPvss } from '../../../src/lib/crypto/index.ts'
import { RandomRound } from '../../../src/lib/mix/shared-random/index.ts'

const pvss = await loadPvss()
const AUTHORITIES = 4
const THRESHOLD = 2

interface Network {
  readonly rounds: readonly RandomRound[]
  readonly names: readonly string[]
}

/** All have dealt, and agree on which dealings count. */
function dealt(seed: number, leaveOut: readonly number[] = [], epoch = 7): Network {
  const random = new SeededRandom(seed)
  const secretKeys = Array.from({ length: AUTHORITIES }, () => pvss.generateSecretKey(random))
  const publicKeys = secretKeys.map((key) => pvss.publicKey(key))
  const rounds = secretKeys.map(
    (secretKey, index) =>
      new RandomRound(pvss, random, {
        epoch,
        publicKeys,
        threshold: THRESHOLD,
        self: { index, secretKey },
      }),
  )
  const dealings = rounds.map((round) => round.deal())
  const names = rounds.map((round) =>
    dealings.flatMap((dealing, dealer) => {
      const name = round.addDealing(dealer, dealing)
      return name === undefined || leaveOut.includes(dealer) ? [] : [name]
    }),
  )
  for (const round of rounds) round.fix(names[0] as string[])
  expect(new Set(names.map(String)).size).toBe(1)
  return { rounds, names: names[0] as string[] }
}

/** Those who are there reveal, and open what others withhold. */
function finish({ rounds }: Network, withhold: readonly number[], absent: readonly number[] = []): string[] {
  const there = rounds.filter((_, i) => !absent.includes(i))
  rounds.forEach((round, dealer) => {
    if (withhold.includes(dealer) || absent.includes(dealer)) return
    const secret = round.reveal()
    for (const other of there) if (secret !== undefined) expect(other.addSecret(dealer, secret)).toBe(true)
  })
  for (const dealer of there[0]?.missing() ?? [])
    for (const holder of there) {
      const opened = holder.openShareOf(dealer) ?? expect.fail()
      for (const other of there) expect(other.addShare(dealer, opened)).toBe(true)
    }
  return there.map((round) => toHex(round.result() ?? expect.fail('a secret is missing')))
}

const one = (results: readonly string[]): string => {
  expect(new Set(results).size).toBe(1)
  return results[0] as string
}

describe('a round of shared randomness', () => {
  it('gives everybody the same, and something else each time', () => {
    const results = [1, 2].map((seed) => one(finish(dealt(seed), [])))
    expect(new Set(results).size).toBe(2)
    expect(one(finish(dealt(1, [], 8), []))).not.toBe(results[0])
  })

  it('does not depend on who reveals: those who withhold have no say', () => {
    const open = one(finish(dealt(1), []))
    expect(one(finish(dealt(1), [0]))).toBe(open)
    expect(one(finish(dealt(1), [1, 3]))).toBe(open)
    expect(one(finish(dealt(1), [], [2, 3]))).toBe(open)
  })

  it('depends on every dealing that counts', () => {
    expect(one(finish(dealt(1, [2]), []))).not.toBe(one(finish(dealt(1), [])))
  })

  it('shows nothing to fewer than the threshold before anybody reveals', () => {
    const { rounds } = dealt(1)
    const [first] = rounds as [RandomRound]
    for (let dealer = 0; dealer < AUTHORITIES; dealer += 1) first.openShareOf(dealer)
    expect(first.missing()).toEqual([0, 1, 2, 3])
    expect(first.result()).toBeUndefined()
  })

  it('reveals nothing before the dealings are fixed, nor of a dealing that does not count', () => {
    const random = new SeededRandom(1)
    const secretKey = pvss.generateSecretKey(random)
    const round = new RandomRound(pvss, random, {
      epoch: 1,
      publicKeys: [pvss.publicKey(secretKey)],
      threshold: 1,
      self: { index: 0, secretKey },
    })
    round.deal()
    expect(round.reveal()).toBeUndefined()
    expect(round.openShareOf(0)).toBeUndefined()
    expect(() => round.deal()).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
    round.fix([])
    expect(round.reveal()).toBeUndefined()
    expect(round.result()).toBeUndefined()
  })
})

describe('what an authority sends', () => {
  it('is refused when the others could not open it', () => {
    const random = new SeededRandom(1)
    const keys = Array.from({ length: 3 }, () => pvss.generateSecretKey(random))
    const publicKeys = keys.map((key) => pvss.publicKey(key))
    const at = (index: number, epoch = 1): RandomRound =>
      new RandomRound(pvss, random, {
        epoch,
        publicKeys,
        threshold: 2,
        self: { index, secretKey: keys[index] as Uint8Array },
      })
    const observer = new RandomRound(pvss, random, { epoch: 1, publicKeys, threshold: 2 })
    const dealing = at(0).deal()
    const swapped: Dealing = { ...dealing, shares: dealing.shares.toReversed() }
    expect(observer.addDealing(0, swapped)).toBeUndefined()
    expect(observer.addDealing(1, dealing)).toBeUndefined()
    expect(observer.addDealing(9, dealing)).toBeUndefined()
    expect(observer.addDealing(0, at(0, 2).deal())).toBeUndefined()
    expect(observer.addDealing(0, dealing)).toBeDefined()
    expect(() => observer.deal()).toThrow(expect.objectContaining({ code: 'E_USAGE' }))
  })

  it('counts once, and only if it was agreed on', () => {
    const { rounds, names } = dealt(1)
    const [round] = rounds as [RandomRound]
    expect(() => round.fix([...names, 'ab'])).toThrow(expect.objectContaining({ code: 'E_INPUT' }))
  })

  it('is refused when a second dealing of one authority was agreed on as well', () => {
    const random = new SeededRandom(3)
    const secretKey = pvss.generateSecretKey(random)
    const options = { epoch: 1, publicKeys: [pvss.publicKey(secretKey)], threshold: 1 }
    const dealings = [1, 2].map(() =>
      new RandomRound(pvss, random, { ...options, self: { index: 0, secretKey } }).deal(),
    )
    const observer = new RandomRound(pvss, random, options)
    const names = dealings.map((dealing) => observer.addDealing(0, dealing) ?? expect.fail())
    expect(new Set(names).size).toBe(2)
    expect(() => observer.fix(names)).toThrow(expect.objectContaining({ code: 'E_INPUT' }))
  })

  it('is refused as a secret or share that is not the one that was dealt', () => {
    const { rounds } = dealt(1)
    const [first, second] = rounds as [RandomRound, RandomRound]
    const secret = second.reveal() ?? expect.fail()
    expect(first.addSecret(0, secret)).toBe(false)
    expect(first.addSecret(1, new Uint8Array(32))).toBe(false)
    const share = second.openShareOf(3) ?? expect.fail()
    expect(first.addShare(2, share)).toBe(false)
    expect(first.addShare(3, { ...share, index: 2 })).toBe(false)
    expect(first.addShare(3, { ...share, index: 99 })).toBe(false)
    expect(first.addShare(3, share)).toBe(true)
    expect(first.addSecret(1, secret)).toBe(true)
  })

  it('leaves nothing of the own secret when the round is over', () => {
    const { rounds } = dealt(1)
    const [round] = rounds as [RandomRound]
    round.end()
    expect(round.reveal()).toEqual(new Uint8Array(32))
  })
})
