/** Whether paths choose nodes as their weights say (test T14). */
import { type ChiSquare, chiSquare } from './statistics/chi-square.ts'
import { upperGamma } from './statistics/special-functions.ts'
import type { MixTrace } from './trace/trace.ts'

/**
 * @param counts how often each node was chosen, those of one layer
 * @param weights of the same nodes; at least one above 0
 */
export function pathFairness(counts: readonly number[], weights: readonly number[]): ChiSquare {
  const [chosen, weight] = [counts, weights].map((values) =>
    values.reduce((sum, value) => sum + value, 0),
  ) as [number, number]
  const forbidden = counts.some((count, i) => count > 0 && !((weights[i] as number) > 0))
  if (forbidden) return { statistic: Number.POSITIVE_INFINITY, df: counts.length - 1, p: 0 }
  return chiSquare(
    counts,
    weights.map((value) => (chosen * value) / weight),
  )
}

/** The same over all layers of a trace; undefined when its nodes have no layers or weights. */
export function traceFairness({ nodes, hops }: MixTrace): ChiSquare | undefined {
  const layers = new Map<number, number[]>()
  for (const [node, { layer, weight }] of nodes.entries()) {
    if (layer === undefined || weight === undefined) return undefined
    layers.set(layer, [...(layers.get(layer) ?? []), node])
  }
  const counts = new Float64Array(nodes.length)
  for (const node of hops.node) counts[node] = (counts[node] as number) + 1
  const tests = [...layers.values()].map((members) =>
    pathFairness(
      members.map((node) => counts[node] as number),
      members.map((node) => nodes[node]?.weight ?? 0),
    ),
  )
  const statistic = tests.reduce((sum, test) => sum + test.statistic, 0)
  const df = tests.reduce((sum, test) => sum + test.df, 0)
  if (df === 0) return undefined
  // Sums of independent chi-square variables are one with the sum of the degrees of freedom.
  return { statistic, df, p: Number.isFinite(statistic) ? upperGamma(df / 2, statistic / 2) : 0 }
}
