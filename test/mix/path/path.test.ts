import { describe, expect, it } from 'vitest'
import { SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { loadEcvrf, sha512 } from '../../../src/lib/crypto/index.ts'
import {
  choosePath,
  directoryHash,
  type MixDirectory,
  type PathProof,
  pathProblem,
  provePath,
} from '../../../src/lib/mix/index.ts'
import { WeightedTable } from '../../../src/lib/mix/path/selection.ts'
import { chiSquareP } from '../../support/chi-square.ts'
import { paperNetwork } from '../../support/mix-directory.ts'

const ecvrf = await loadEcvrf()
const seed = new Uint8Array(32).fill(77)
const random = new SeededRandom(52)
const failure = expect.objectContaining({ name: 'AivError', code: 'E_INPUT' })

/** What section 5.2 of the design says, written out once more over plain lists. */
function pathByTheLetter(directory: MixDirectory, beta: Uint8Array): string[] {
  return [0, 1, 2].map((layer) => {
    const nodes = directory.nodes.filter((node) => node.layer === layer)
    const total = nodes.reduce((sum, node) => sum + BigInt(node.weight), 0n)
    for (let round = 0; ; round++) {
      const input = Buffer.concat([beta, Buffer.from('layer'), Buffer.from([layer, round])])
      const value = Buffer.from(sha512(input)).readBigUInt64BE()
      if (value >= 2n ** 64n - (2n ** 64n % total)) continue
      let left = value % total
      for (const node of nodes) {
        if (left < BigInt(node.weight)) return toHex(node.id)
        left -= BigInt(node.weight)
      }
    }
  })
}

describe('a path', () => {
  it('takes one node of each layer, as the hash of beta says', () => {
    const { directory } = paperNetwork(24, (i) => ({ weight: 1 + i * i }))
    for (let i = 0; i < 200; i++) {
      const beta = random.bytes(64)
      expect(choosePath(directory, beta).map(({ id }) => toHex(id))).toEqual(pathByTheLetter(directory, beta))
    }
  })

  it('is shorter when asked, and never longer than the layers', () => {
    const { directory } = paperNetwork(9)
    const beta = random.bytes(64)
    expect(choosePath(directory, beta, { hops: 2 })).toEqual(choosePath(directory, beta).slice(0, 2))
    for (const hops of [0, 4, 1.5])
      expect(() => choosePath(directory, beta, { hops })).toThrow(
        expect.objectContaining({ code: 'E_USAGE' }),
      )
    expect(() => choosePath(directory, new Uint8Array(32))).toThrow('64 bytes')
  })

  it('meets no operator and no network twice, and the providers beside it count', () => {
    const families = ['a', 'b', 'c', 'd'] as const
    const { directory } = paperNetwork(24, (i) => ({
      family: families[i % 4] as string,
      as: 64_500 + (i % 5),
      country: i % 2 === 0 ? 'is' : 'no',
    }))
    const provider = directory.nodes[0] as MixDirectory['nodes'][number]
    for (let i = 0; i < 300; i++) {
      const path = [provider, ...choosePath(directory, random.bytes(64), { besides: [provider] })]
      expect(new Set(path.map(({ family }) => family)).size).toBe(4)
      expect(new Set(path.map((node) => node.as)).size).toBe(4)
      expect(new Set(path.map(({ id }) => toHex(id))).size).toBe(4)
    }
    const free = Array.from({ length: 100 }, () =>
      choosePath(directory, random.bytes(64), { constraints: [] }),
    )
    expect(free.some((path) => new Set(path.map(({ family }) => family)).size < 3)).toBe(true)
    expect(() => choosePath(directory, random.bytes(64), { constraints: ['country'] })).toThrow(failure)
  })

  it('is found although most first choices leave the last layer without an allowed node', () => {
    const { directory } = paperNetwork(9, () => ({}))
    // Layer 2 has one family alone; of layer 0 only one node of three is of another.
    const nodes = directory.nodes.map((node, i) => ({
      ...node,
      family: i % 3 === 2 ? 'a' : i === 0 ? 'b' : i % 3 === 0 ? 'a' : 'c',
    }))
    for (let i = 0; i < 50; i++) {
      const path = choosePath({ ...directory, nodes }, random.bytes(64))
      expect(path.map(({ family }) => family)).toEqual(['b', 'c', 'a'])
    }
  })

  it('is refused where a layer is empty', () => {
    const { directory } = paperNetwork(2)
    expect(() => choosePath(directory, random.bytes(64))).toThrow(failure)
  })
})

describe('the choice by weight', () => {
  it('gives each value of a whole turn to its candidate, and nothing beyond the last whole turn', () => {
    const candidates = [3, 1, 4, 2].map((weight, index) => ({ weight, index }))
    const table = new WeightedTable(candidates)
    const turn = Array.from({ length: 20 }, (_, value) => table.at(BigInt(value))?.index)
    const once = [0, 0, 0, 1, 2, 2, 2, 2, 3, 3]
    expect(turn).toEqual([...once, ...once])
    const whole = 2n ** 64n - (2n ** 64n % 10n)
    expect(table.at(whole - 1n)?.index).toBe(3)
    for (let value = whole; value < 2n ** 64n; value++) expect(table.at(value)).toBeUndefined()
    expect(new WeightedTable([]).at(0n)).toBeUndefined()
  })

  it('is fair to the weights (T14), and the test sees a path that is not', () => {
    const weights = [1, 2, 3, 4, 10, 20, 30, 50, 80]
    const { directory } = paperNetwork(27, (i) => ({ weight: weights[i % 9] as number }))
    const paths = Array.from({ length: 6000 }, () => choosePath(directory, random.bytes(64)))
    const pOf = (layer: number, drawn: typeof paths): number => {
      const nodes = directory.nodes.filter((node) => node.layer === layer)
      const total = nodes.reduce((sum, { weight }) => sum + weight, 0)
      const counts = nodes.map((node) => drawn.filter((path) => path[layer]?.id === node.id).length)
      return chiSquareP(
        counts,
        nodes.map(({ weight }) => (weight / total) * drawn.length),
      )
    }
    // Three layers are looked at: Bonferroni's correction of 0.01.
    for (const layer of [0, 1, 2]) expect(pOf(layer, paths)).toBeGreaterThan(0.01 / 3)
    // Who draws twice and keeps the path with the heavier first node is found.
    const biased = paths.map((path, i) => {
      const other = paths[(i + 1) % paths.length] as (typeof paths)[0]
      return (path[0]?.weight ?? 0) > (other[0]?.weight ?? 0) ? path : other
    })
    expect(pOf(0, biased)).toBeLessThan(1e-6)
  })
})

describe('a proven path', () => {
  const { directory } = paperNetwork(15, (i) => ({ weight: i + 1, family: `f${i}` }))
  const { proof, path } = provePath(ecvrf, directory, seed, 3)

  it('is the one that its key has for the counter', () => {
    expect(pathProblem(ecvrf, directory, proof)).toBeUndefined()
    expect(provePath(ecvrf, directory, seed, 3).proof).toEqual(proof)
    expect(proof.directory).toEqual(directoryHash(directory))
    expect(path.map(({ id }) => id)).toEqual(proof.nodes)
    expect(path.map(({ layer }) => layer)).toEqual([0, 1, 2])
  })

  it('differs by counter', () => {
    const shown = new Set(
      Array.from({ length: 12 }, (_, counter) =>
        toHex(provePath(ecvrf, directory, seed, counter).proof.proof),
      ),
    )
    expect(shown.size).toBe(12)
  })

  it('is refused with anything forged', () => {
    const otherKey = provePath(ecvrf, directory, new Uint8Array(32).fill(1), 3).proof
    const otherCounter = provePath(ecvrf, directory, seed, 4).proof
    const stranger = directory.nodes.find(({ layer, id }) => layer === 1 && id !== path[1]?.id)
    const forgeries: Partial<PathProof>[] = [
      { nodes: [proof.nodes[0], stranger?.id, proof.nodes[2]] as Uint8Array[] },
      { nodes: proof.nodes.slice(0, 2) },
      { nodes: [...proof.nodes, proof.nodes[0] as Uint8Array] },
      { nodes: proof.nodes.toReversed() },
      { nodes: [] },
      { counter: 4 },
      { counter: -1 },
      { counter: 2.5 },
      { counter: Number.NaN },
      { epoch: proof.epoch + 1 },
      { publicKey: otherKey.publicKey },
      { proof: otherKey.proof },
      { proof: otherCounter.proof },
      { proof: new Uint8Array(80) },
      { proof: new Uint8Array(0) },
      { publicKey: otherKey.publicKey, proof: otherKey.proof, nodes: proof.nodes.toReversed() },
      { directory: new Uint8Array(32) },
    ]
    for (const forgery of forgeries)
      expect([forgery, pathProblem(ecvrf, directory, { ...proof, ...forgery })]).toEqual([
        forgery,
        expect.any(String),
      ])
  })

  it('does not stand when the client changed its directory or its constraints', () => {
    const without = { ...directory, nodes: directory.nodes.slice(1) }
    expect(pathProblem(ecvrf, without, { ...proof, directory: directoryHash(without) })).toBeDefined()
    const later = { ...directory, sharedRandom: new Uint8Array(32) }
    expect(pathProblem(ecvrf, later, { ...proof, directory: directoryHash(later) })).toBeDefined()
    expect(pathProblem(ecvrf, directory, proof, { hops: 2 })).toBeDefined()
  })
})
