/** The judge of path choice: T14. */
import { pathFairness, traceFairness } from '../path-fairness.ts'
import type { MixTrace } from '../trace/trace.ts'
import { type Judgement, judged } from './judgement.ts'
import type { Observation } from './observation.ts'

const ALPHA = 0.01
/** Share of the visits of each layer that the control moves to one node. */
const BIAS = 0.1

/** Undefined when the trace does not say what layer and weight its nodes have. */
export function judgeFairness({ trace }: Observation): Judgement | undefined {
  const test = traceFairness(trace)
  if (test === undefined) return undefined
  const values = { visits: trace.hops.count, chi_square: test.statistic, df: test.df, p: test.p }
  const biased = biasedTest(trace)
  return judged('T14', `chi-square p above ${ALPHA}`, ({ p }) => (p as number) > ALPHA, values, {
    name: 'a tenth of the paths of one layer moved to one node',
    values: { visits: trace.hops.count, chi_square: biased.statistic, df: biased.df, p: biased.p },
  })
}

function biasedTest({ nodes, hops }: MixTrace): ReturnType<typeof pathFairness> {
  const sizes = Map.groupBy(nodes.keys(), (node) => nodes[node]?.layer ?? 0)
  const members = [...sizes.values()].toSorted((a, b) => b.length - a.length)[0] as number[]
  const counts = members.map((node) =>
    hops.node.reduce((sum, visited) => sum + (visited === node ? 1 : 0), 0),
  )
  const moved = counts.map((count) => Math.floor(count * (1 - BIAS)))
  const all = counts.reduce((sum, count) => sum + count, 0)
  moved[0] = (moved[0] as number) + all - moved.reduce((sum, count) => sum + count, 0)
  return pathFairness(
    moved,
    members.map((node) => nodes[node]?.weight ?? 0),
  )
}
