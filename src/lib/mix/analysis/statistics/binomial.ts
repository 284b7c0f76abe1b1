/** The binomial distribution. */
import { incompleteBeta } from './special-functions.ts'

/** Chance of `successes` or more in `trials` of chance `p` each: I_p(k, n - k + 1) (DLMF 8.17.5). */
export function binomialUpperTail(successes: number, trials: number, p: number): number {
  if (successes <= 0) return 1
  if (successes > trials) return 0
  return incompleteBeta(successes, trials - successes + 1, p)
}
