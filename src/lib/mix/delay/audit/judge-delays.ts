/** What the measured delays of a sender's own packets say about a mix, each question with a bound on false alarms. */
import {
  binomialUpperTail,
  exponentialCumulative,
  kolmogorovSmirnov,
} from '../../analysis/statistics/index.ts'

/** Chance that an honest mix fails any of the tests; shared out evenly among them (Bonferroni). */
const AUDIT_ALPHA = 0.01
const TESTS = 3

/** Share of packets that a busy link or machine may hold up without anybody's fault. */
const TOLERATED_SHARE = 0.01

export interface MeasuredDelay {
  /** What the mix says that it drew, without the sender's command, microseconds. */
  readonly drawnUs: number
  /** Observed time less what was spent elsewhere and less the delay; undefined when the packet did not come back. */
  readonly residualUs?: number
}

export interface DelayJudgement {
  /** Drawn delays against the exponential law. */
  readonly law: { readonly distance: number; readonly p: number; readonly ok: boolean }
  /** Packets held longer than their delay and the slack. */
  readonly late: ShareTest
  /** Packets that came earlier than their delay allows. */
  readonly early: ShareTest
  /** Median and 95th percentile of the residuals, microseconds; undefined when nothing came back. */
  readonly residual?: { readonly medianUs: number; readonly p95Us: number }
}

export interface ShareTest {
  readonly count: number
  readonly of: number
  /** Chance of so many when the share is the tolerated one. */
  readonly p: number
  readonly ok: boolean
}

/**
 * @param measured at least one
 * @param meanUs 1/mu of the law that the mix promised
 * @param slackUs what may lie between a delay and its measurement
 */
export function judgeDelays(
  measured: readonly MeasuredDelay[],
  meanUs: number,
  slackUs: number,
): DelayJudgement {
  const law = kolmogorovSmirnov(
    measured.map(({ drawnUs }) => drawnUs),
    exponentialCumulative(meanUs),
  )
  const residuals = Float64Array.from(
    measured.flatMap(({ residualUs }) => (residualUs === undefined ? [] : [residualUs])),
  ).sort()
  const late = residuals.filter((residual) => residual > slackUs).length
  const early = residuals.filter((residual) => residual < -slackUs).length
  return {
    law: { ...law, ok: law.p >= AUDIT_ALPHA / TESTS },
    late: shareTest(late, residuals.length),
    early: shareTest(early, residuals.length),
    ...(residuals.length === 0
      ? {}
      : { residual: { medianUs: quantile(residuals, 0.5), p95Us: quantile(residuals, 0.95) } }),
  }
}

function shareTest(count: number, of: number): ShareTest {
  const p = binomialUpperTail(count, of, TOLERATED_SHARE)
  return { count, of, p, ok: p >= AUDIT_ALPHA / TESTS }
}

function quantile(sorted: Float64Array, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] as number
}
