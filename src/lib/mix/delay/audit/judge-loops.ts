/**
 * Which mixes hold loops longer or shorter than their delays. A loop shows only the sum over all its mixes, so blame is found
 * by elimination: the mix with the least likely share of bad loops is taken out with all its loops, until what remains is
 * likely enough.
 */
import { LEAST_P, type ShareTest, shareTest } from './bounds.ts'

export interface MeasuredLoop {
  /** Hex ids of the mixes that it went through. */
  readonly nodes: readonly string[]
  /** Observed time less links and delays, microseconds. */
  readonly residualUs: number
}

export interface LoopJudgement {
  readonly late: ShareTest
  readonly early: ShareTest
}

/**
 * One judgement for each mix that loops went through.
 * @param known mixes that are dishonest anyway: what went through them says nothing about others
 * @param slackUs what may lie between delays and their measurement
 */
export function judgeLoops(
  loops: readonly MeasuredLoop[],
  known: ReadonlySet<string>,
  slackUs: number,
): Map<string, LoopJudgement> {
  const out = new Map<string, LoopJudgement>()
  for (const node of known) out.set(node, judgementOf(node, loops, slackUs))
  let rest = loops.filter(({ nodes }) => !nodes.some((node) => known.has(node)))
  for (;;) {
    const judged = [...new Set(rest.flatMap(({ nodes }) => nodes))].map((node) => {
      const judgement = judgementOf(node, rest, slackUs)
      return { node, judgement, p: Math.min(judgement.late.p, judgement.early.p) }
    })
    const [worst] = judged.toSorted((a, b) => a.p - b.p)
    if (worst === undefined || worst.p >= LEAST_P) {
      for (const { node, judgement } of judged) out.set(node, judgement)
      return out
    }
    out.set(worst.node, worst.judgement)
    rest = rest.filter(({ nodes }) => !nodes.includes(worst.node))
  }
}

function judgementOf(node: string, loops: readonly MeasuredLoop[], slackUs: number): LoopJudgement {
  const through = loops.filter(({ nodes }) => nodes.includes(node))
  return {
    late: shareTest(through.filter(({ residualUs }) => residualUs > slackUs).length, through.length),
    early: shareTest(through.filter(({ residualUs }) => residualUs < -slackUs).length, through.length),
  }
}
