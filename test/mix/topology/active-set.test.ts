import { describe, expect, it } from 'vitest'
import { SeededRandom, toHex } from '../../../src/lib/core/index.ts'
import { loadEcvrf } from '../../../src/lib/crypto/index.ts'
import {
  activeSet,
  assignTopology,
  checkedDirectory,
  layerByHash,
  type MixDirectory,
  proveTopology,
  topologyProblems,
} from '../../../src/lib/mix/index.ts'
import { chiSquareP, uniformP } from '../../support/chi-square.ts'
import { paperNetwork } from '../../support/mix-directory.ts'

const ecvrf = await loadEcvrf()
const EPOCHS = 10_000

/** The weights of seven nodes, and how likely each is among the first two: summed over all ordered pairs. */
const WEIGHTS = [1, 2, 3, 5, 8, 13, 21]
const TOTAL = WEIGHTS.reduce((sum, weight) => sum + weight, 0)
const FIRST = WEIGHTS.map((weight) => weight / TOTAL)
const PAIRS = WEIGHTS.flatMap((a, i) =>
  WEIGHTS.flatMap((b, j) => (i === j ? [] : [{ i, j, p: (a / TOTAL) * (b / (TOTAL - a)) }])),
)

/** Counts of sets of two over many epochs; `cheat` may change the outputs of the VRFs before they are drawn. */
function drawnPairs(cheat: (betas: Uint8Array[], random: SeededRandom) => void): Map<string, number> {
  const random = new SeededRandom(2301)
  const counts = new Map<string, number>()
  for (let epoch = 0; epoch < EPOCHS; epoch++) {
    const betas = WEIGHTS.map(() => random.bytes(64))
    cheat(betas, random)
    const nodes = WEIGHTS.map((weight, i) => ({ id: Uint8Array.of(i), weight, beta: betas[i] as Uint8Array }))
    const name = activeSet(nodes, 2)
      .map(({ id }) => id[0])
      .join('-')
    counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  return counts
}

function fairness(counts: Map<string, number>): number {
  // Pairs that are rarer than five in all are one class, as the chi-square test wants.
  const [common, rare] = [PAIRS.filter(({ p }) => p * EPOCHS >= 5), PAIRS.filter(({ p }) => p * EPOCHS < 5)]
  const classes = [...common.map((pair) => [pair]), rare].filter((pairs) => pairs.length > 0)
  return chiSquareP(
    classes.map((pairs) => pairs.reduce((sum, { i, j }) => sum + (counts.get(`${i}-${j}`) ?? 0), 0)),
    classes.map((pairs) => pairs.reduce((sum, { p }) => sum + p * EPOCHS, 0)),
  )
}

describe('the active set (T14)', () => {
  it('is drawn by weight without replacement over 10,000 epochs, in order', () => {
    expect(PAIRS.reduce((sum, { p }) => sum + p, 0)).toBeCloseTo(1, 12)
    expect(fairness(drawnPairs(() => undefined))).toBeGreaterThan(0.01)
  })

  it('would be found out if one node of seven took the better of two outputs', () => {
    const better = (betas: Uint8Array[], random: SeededRandom): void => {
      const [mine, other] = [betas[0] as Uint8Array, random.bytes(64)]
      // A larger U has the smaller negative logarithm.
      if (toHex(other) > toHex(mine)) betas[0] = other
    }
    expect(fairness(drawnPairs(better))).toBeLessThan(1e-6)
  })

  it('begins with each node as often as its weight says', () => {
    const firsts = WEIGHTS.map(() => 0)
    for (const [name, count] of drawnPairs(() => undefined)) {
      const first = Number(name.split('-')[0])
      firsts[first] = (firsts[first] as number) + count
    }
    expect(
      chiSquareP(
        firsts,
        FIRST.map((p) => p * EPOCHS),
      ),
    ).toBeGreaterThan(0.01)
  })

  it('is everybody when there are too few, and does not depend on the order of the list', () => {
    const random = new SeededRandom(4)
    const nodes = WEIGHTS.map((weight, i) => ({ id: Uint8Array.of(i), weight, beta: random.bytes(64) }))
    expect(activeSet(nodes, 100)).toHaveLength(7)
    expect(activeSet(nodes.toReversed(), 3)).toEqual(activeSet(nodes, 3))
    expect(activeSet([], 3)).toEqual([])
  })
})

describe('layers by hash', () => {
  it('are equally likely, and one for each node and random value', () => {
    const random = new SeededRandom(5)
    const counts = [0, 0, 0]
    const id = random.bytes(32)
    for (let i = 0; i < 3000; i++) {
      const layer = layerByHash(random.bytes(32), id, 3)
      counts[layer] = (counts[layer] as number) + 1
    }
    expect(uniformP(counts)).toBeGreaterThan(0.01)
  })

  it('are those of SHA-512 elsewhere', () => {
    // printf 'aiv-mix-layer-v1' | cat - <(head -c 64 /dev/zero) | sha512sum, first 8 bytes, mod 3 and mod 5 by bc
    const zero = new Uint8Array(32)
    expect([layerByHash(zero, zero, 3), layerByHash(zero, zero, 5)]).toEqual([1, 0])
  })
})

describe('the topology of a directory', () => {
  const { nodes, directory: flat } = paperNetwork(12, (i) => ({
    weight: i + 1,
    role: i === 0 ? 'provider' : 'mix',
  }))
  const topology = { layers: 3, active: 6 }
  const proven = flat.nodes.map((node, i) => ({
    ...node,
    topologyProof: proveTopology(ecvrf, flat, nodes[i]?.vrfSeed as Uint8Array),
  }))
  const assigned = (given: MixDirectory['nodes']): MixDirectory =>
    checkedDirectory({ ...flat, topology, nodes: assignTopology(ecvrf, flat, topology, given) })
  const directory = assigned(proven)
  const mixing = (given: MixDirectory): string[] =>
    given.nodes.filter(({ layer }) => layer !== undefined).map(({ id }) => toHex(id))

  it('has as many active mixes as it says, none of them a provider, in the layers of the hash', () => {
    expect(topologyProblems(ecvrf, directory)).toEqual([])
    expect(mixing(directory)).toHaveLength(6)
    for (const node of directory.nodes)
      if (node.layer !== undefined) {
        expect(node.role).toBe('mix')
        expect(node.layer).toBe(layerByHash(flat.sharedRandom, node.id, 3))
      }
  })

  it('leaves out who withholds a proof or shows one that does not hold, and moves nobody else', () => {
    const target = directory.nodes.findIndex(({ layer }) => layer !== undefined)
    const foreign = proven[(target + 1) % 12]?.topologyProof as Uint8Array
    const stale = proveTopology(
      ecvrf,
      { ...flat, epoch: flat.epoch - 1 },
      nodes[target]?.vrfSeed as Uint8Array,
    )
    for (const topologyProof of [undefined, foreign, stale, new Uint8Array(80)]) {
      const without = assigned(proven.map((node, i) => (i === target ? { ...node, topologyProof } : node)))
      expect(mixing(without)).not.toContain(toHex(directory.nodes[target]?.id as Uint8Array))
      expect(mixing(without)).toHaveLength(6)
      for (const [i, node] of without.nodes.entries()) {
        const before = directory.nodes[i]?.layer
        if (i !== target && before !== undefined) expect(node.layer).toBe(before)
      }
    }
  })

  it('is refused with a node moved, added or taken out', () => {
    const change = (
      layerOf: (layer: number | undefined, i: number) => number | undefined,
    ): readonly string[] =>
      topologyProblems(ecvrf, {
        ...directory,
        nodes: directory.nodes.map((node, i) => ({ ...node, layer: layerOf(node.layer, i) })),
      })
    expect(change((layer) => layer)).toEqual([])
    expect(change((layer) => (layer === undefined ? undefined : (layer + 1) % 3))).toHaveLength(1)
    for (const [i, { layer }] of directory.nodes.entries())
      expect(change((now, at) => (at !== i ? now : layer === undefined ? 0 : undefined))).toHaveLength(1)
  })

  it('is taken as it is where layers are set by hand', () => {
    expect(topologyProblems(ecvrf, flat)).toEqual([])
  })
})
