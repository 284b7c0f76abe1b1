import { describe, expect, it } from 'vitest'
import { SeededRandom } from '../../../src/lib/core/index.ts'
import { ed25519 } from '../../../src/lib/crypto/index.ts'
import {
  checkedDirectory,
  type MixDirectory,
  signDirectory,
  verifyDirectory,
} from '../../../src/lib/mix/index.ts'
import { EPOCH, EPOCH_START_S, paperNetwork, paperNode } from '../../support/mix-directory.ts'

const { directory } = paperNetwork(6)
const keys = [1, 2, 3, 4].map((fill) => ed25519.fromSeed(new Uint8Array(32).fill(fill)))
const [first, second, third, stranger] = keys as [
  (typeof keys)[0],
  (typeof keys)[0],
  (typeof keys)[0],
  (typeof keys)[0],
]
const trust = { authorities: [first, second, third].map(({ publicKey }) => publicKey), threshold: 2 }

const problemsOf = (given: MixDirectory, nowS = EPOCH_START_S): readonly string[] =>
  verifyDirectory(given, trust, nowS).problems

describe('a directory of three authorities, two of whom must sign', () => {
  const signed = signDirectory(signDirectory(directory, first), third)

  it('holds with two signatures', () => {
    const verdict = verifyDirectory(signed, trust, EPOCH_START_S)
    expect(verdict).toEqual({ signers: [first.publicKey, third.publicKey], problems: [] })
  })

  it('does not hold with one, with the same one twice, or with a stranger beside it', () => {
    const one = signDirectory(directory, first)
    const twice = { ...one, signatures: [...one.signatures, ...one.signatures] }
    for (const given of [directory, one, twice, signDirectory(one, stranger)])
      expect(problemsOf(given)).toEqual([expect.stringMatching(/ of 2 authorities needed have signed it$/)])
  })

  it('does not hold when what was signed was changed afterwards', () => {
    for (const change of [
      { epochLengthS: 1201 },
      { sharedRandom: new Uint8Array(32) },
      { parameters: { ...signed.parameters, hopDelayUs: 1000 } },
      { nodes: signed.nodes.slice(1) },
      { nodes: signed.nodes.map((node) => ({ ...node, layer: 0 })) },
    ])
      expect(problemsOf({ ...signed, ...change })).toEqual(['0 of 2 authorities needed have signed it'])
  })

  it('replaces the signature of an authority that signs again', () => {
    const again = signDirectory({ ...signed, epochLengthS: 1201 }, first)
    expect(again.signatures).toHaveLength(2)
    expect(verifyDirectory(again, trust, EPOCH_START_S).signers).toEqual([first.publicKey])
  })

  it('holds in its time only', () => {
    expect(problemsOf(signed, EPOCH_START_S - 1)).toEqual(['it is not valid yet'])
    expect(problemsOf(signed, EPOCH_START_S + 1199)).toEqual([])
    expect(problemsOf(signed, EPOCH_START_S + 1200)).toEqual(['it is no longer valid'])
  })
})

describe('a node in a signed directory', () => {
  const withNode = (node: MixDirectory['nodes'][number]): readonly string[] => {
    const given = checkedDirectory({ ...directory, nodes: [node] })
    return verifyDirectory(given, { authorities: [], threshold: 0 }, EPOCH_START_S).problems
  }
  const random = new SeededRandom(8)

  it('must have signed its own descriptor, whatever the authorities say', () => {
    const node = { ...(directory.nodes[0] as MixDirectory['nodes'][number]), weight: 1_000_000 }
    expect(withNode(node)).toEqual([expect.stringMatching(/: its own signature does not hold$/)])
  })

  it('needs a mix key of the epoch, and one that is no low-order point', () => {
    const { descriptor } = paperNode(random, { mixKeys: [{ epoch: EPOCH + 1, publicKey: random.bytes(32) }] })
    expect(withNode(descriptor)).toEqual([expect.stringMatching(/it has no mix key for epoch \d+$/)])
    const open = paperNode(random, { mixKeys: [{ epoch: EPOCH, publicKey: new Uint8Array(32) }] }).descriptor
    expect(withNode(open)).toEqual([expect.stringMatching(/a mix key is of low order$/)])
  })

  it('must be valid for as long as the directory', () => {
    const { descriptor } = paperNode(random, { validUntil: EPOCH_START_S + 1199 })
    expect(withNode(descriptor)).toEqual([expect.stringMatching(/does not cover the time of the directory$/)])
  })

  it('does not stand in a layer as a provider', () => {
    const { descriptor } = paperNode(random, { role: 'provider' })
    expect(withNode({ ...descriptor, layer: 0 })).toEqual([expect.stringMatching(/is a provider/)])
    expect(withNode(descriptor)).toEqual([])
  })
})

describe('trust', () => {
  it('cannot ask for more authorities than there are, or for none of those that it names', () => {
    const { authorities } = trust
    for (const threshold of [-1, 0, 4, 1.5, Number.NaN])
      expect(() => verifyDirectory(directory, { authorities, threshold }, 0)).toThrow(
        expect.objectContaining({ code: 'E_USAGE' }),
      )
    const same = [first.publicKey, first.publicKey]
    expect(() => verifyDirectory(directory, { authorities: same, threshold: 2 }, 0)).toThrow('2 of 1')
  })
})
