/** How well a score tells the true cases from the others. */

export interface Roc {
  /** Area under the curve: the chance that a true case scores above another one, ties counted half. 0.5 is guessing. */
  readonly auc: number
  /** Standard error of the area when the score only guesses (Mann and Whitney). */
  readonly guessingError: number
  /** Share of true cases found when at most this share of the others is accused. */
  readonly tprAt: (fpr: number) => number
}

/**
 * @param positives scores of the true cases, at least one
 * @param negatives scores of the others, at least one
 */
export function roc(
  positives: readonly number[] | Float64Array,
  negatives: readonly number[] | Float64Array,
): Roc {
  const yes = Float64Array.from(positives).sort()
  const no = Float64Array.from(negatives).sort()
  const [n, m] = [yes.length, no.length]
  if (n === 0 || m === 0) throw new RangeError('no cases')
  let wins = 0
  let [below, upTo] = [0, 0]
  for (const score of yes) {
    while (below < m && (no[below] as number) < score) below++
    while (upTo < m && (no[upTo] as number) <= score) upTo++
    wins += (below + upTo) / 2
  }
  return {
    auc: wins / (n * m),
    guessingError: Math.sqrt((n + m + 1) / (12 * n * m)),
    tprAt(fpr) {
      // The threshold is the first score above which at most that many of the others lie; equals are accused together.
      const allowed = Math.floor(fpr * m)
      const threshold = allowed >= m ? Number.NEGATIVE_INFINITY : (no[m - 1 - allowed] as number)
      return yes.reduce((sum, score) => sum + (score > threshold ? 1 : 0), 0) / n
    },
  }
}
