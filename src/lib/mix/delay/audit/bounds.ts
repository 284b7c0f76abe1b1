/** How sure an audit is. */
import { binomialUpperTail } from '../../analysis/statistics/index.ts'

/** Chance that an honest mix fails any of the three tests below, shared out evenly among them (Bonferroni). */
const ALPHA = 0.01
/** The law of the delays, late loops, early loops. */
const TESTS = 3

/** What an honest mix falls below with a chance of one in three hundred for each test. */
export const LEAST_P: number = ALPHA / TESTS

/** Share of loops that a busy link or machine may hold up without anybody's fault. */
const TOLERATED_SHARE = 0.01

/** Fewer loops that came back and could be measured decide nothing. */
export const LEAST_LOOPS = 50

export interface ShareTest {
  readonly count: number
  readonly of: number
  /** Chance of so many when the share is the tolerated one. */
  readonly p: number
  readonly ok: boolean
}

export function shareTest(count: number, of: number): ShareTest {
  const p = binomialUpperTail(count, of, TOLERATED_SHARE)
  return { count, of, p, ok: p >= LEAST_P }
}
