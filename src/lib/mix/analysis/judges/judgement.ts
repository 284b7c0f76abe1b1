/** What a privacy test says, in one shape for all. */

export const TEST_IDS = ['T1', 'T2', 'T3', 'T4', 'T5', 'T6', 'T10', 'T11', 'T14'] as const
export type TestId = (typeof TEST_IDS)[number]

export type Values = Readonly<Record<string, number>>

/** The same judge on traffic that is known to be bad: when it passes too, the test has no power and says nothing. */
export interface Control {
  readonly name: string
  readonly passed: boolean
  readonly values: Values
}

export interface Judgement {
  readonly test: TestId
  readonly title: string
  readonly demand: string
  readonly passed: boolean
  readonly values: Values
  readonly control: Control
}

/** Why a test could not be made. */
export interface Unjudged {
  readonly test: TestId
  readonly title: string
  readonly reason: string
}

export const TITLES: Readonly<Record<TestId, string>> = {
  T1: 'entropy of each node',
  T2: 'entropy of the pool of each node',
  T3: 'entropy of one packet end to end',
  T4: 'unlinkability of two senders',
  T5: 'correlation of flows',
  T6: 'distribution of delays and of what clients send',
  T10: 'detection of kept-back packets',
  T11: 'statistical disclosure of contacts',
  T14: 'fairness of paths',
}

/** True when the test was passed and would have noticed. */
export function holds({ passed, control }: Judgement): boolean {
  return passed && !control.passed
}

/** A judgement whose control is the same measurement on bad traffic. */
export function judged(
  test: TestId,
  demand: string,
  isGood: (values: Values) => boolean,
  values: Values,
  control: { readonly name: string; readonly values: Values },
): Judgement {
  return {
    test,
    title: TITLES[test],
    demand,
    passed: isGood(values),
    values,
    control: { name: control.name, passed: isGood(control.values), values: control.values },
  }
}

/** Which of several chances are below `alpha` after Holm's correction for their number: true when none is. */
export function noneRejected(chances: readonly number[], alpha: number): boolean {
  return chances.toSorted((a, b) => a - b).every((p, rank) => rank > 0 || p > alpha / chances.length)
}
