/** All that can be judged of a trace. */
import { judgeNodeEntropy, judgePoolEntropy, judgeTargetEntropy, judgeUnlinkability } from './entropy.ts'
import { judgeFairness } from './fairness.ts'
import { holds, type Judgement, TEST_IDS, type TestId, TITLES, type Unjudged } from './judgement.ts'
import type { Observation } from './observation.ts'
import { judgeCorrelation, judgeDistribution } from './timing.ts'

export interface Verdict {
  readonly judgements: readonly Judgement[]
  readonly unjudged: readonly Unjudged[]
  /** True when something was judged, all of it passed, and every control was noticed. */
  readonly passed: boolean
}

/** A judge answers undefined where the trace does not have what it needs. */
export type Judge = (observation: Observation) => Judgement | undefined

export interface JudgeOptions {
  /** Which tests; default all. */
  readonly tests?: readonly TestId[]
  /** Entropy of one packet end to end in a simulated network like this one, bits. */
  readonly modelBits: () => number
  /** Judges that need more than a trace, or know better. */
  readonly others?: Partial<Readonly<Record<TestId, Judge>>>
}

const LACKS: Readonly<Record<TestId, string>> = {
  T1: 'no node has 200 packets',
  T2: 'no node has 200 packets',
  T3: 'no packet could be followed to its end',
  T4: 'fewer than two clients sent real packets',
  T5: 'fewer than five clients talked to somebody',
  T6: 'fewer than 100 delays',
  T10: 'a trace does not say which loops were lost: aiv mix sim tests it',
  T11: 'one trace is too short: aiv mix sim tests it',
  T14: 'the trace does not say what layer and weight its nodes have',
}

export function judgeAll(observation: Observation, options: JudgeOptions): Verdict {
  const judges: Partial<Record<TestId, Judge>> = {
    T1: judgeNodeEntropy,
    T2: judgePoolEntropy,
    T3: (observed) => judgeTargetEntropy(observed, options.modelBits()),
    T4: judgeUnlinkability,
    T5: judgeCorrelation,
    T6: judgeDistribution,
    T14: judgeFairness,
    ...options.others,
  }
  const judgements: Judgement[] = []
  const unjudged: Unjudged[] = []
  for (const test of options.tests ?? TEST_IDS) {
    const judgement = judges[test]?.(observation)
    if (judgement === undefined) unjudged.push({ test, title: TITLES[test], reason: LACKS[test] })
    else judgements.push(judgement)
  }
  return { judgements, unjudged, passed: judgements.length > 0 && judgements.every(holds) }
}
