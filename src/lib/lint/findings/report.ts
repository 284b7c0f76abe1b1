/** Everything that a run found out, in the form that reporters print and exit codes follow from. */
import type { Finding, Severity } from './finding.ts'
import { severityAtLeast } from './finding.ts'

/**
 * `pass`: looked at and in order. `inconclusive`: could not be judged, which is never a pass. `not-applicable`: the
 * file has nothing that the rule is about.
 */
export const VERDICTS = ['pass', 'fail', 'inconclusive', 'not-applicable'] as const
export type Verdict = (typeof VERDICTS)[number]

/** What one rule says of one file, or of a project as a whole. */
export interface RuleVerdict {
  readonly rule: string
  readonly path: string
  readonly verdict: Verdict
  /** Why it is inconclusive or not applicable. */
  readonly reason?: string | undefined
}

/** Something that had to be looked at and was not. */
export interface Unfinished {
  readonly path: string
  readonly message: string
}

export interface LintReport {
  /** Sorted; suppressed ones are among them. */
  readonly findings: readonly Finding[]
  /** Sorted by path, then rule. */
  readonly verdicts: readonly RuleVerdict[]
  /** What was looked at, sorted. */
  readonly files: readonly string[]
  /** Makes the run incomplete: exit code 3. */
  readonly unfinished: readonly Unfinished[]
  /** For people: suppressions that match nothing, and the like. Sorted. */
  readonly remarks: readonly string[]
}

/** Findings that count: not suppressed, and at or above the severity. */
export function counted(report: LintReport, threshold: Severity): readonly Finding[] {
  return report.findings.filter(
    ({ severity, suppression }) => suppression === undefined && severityAtLeast(severity, threshold),
  )
}

/**
 * 0 clean; 1 findings at or above `failOn`; 3 incomplete.
 * @param failOn `never`: findings change nothing
 */
export function exitCodeFor(report: LintReport, failOn: Severity | 'never'): 0 | 1 | 3 {
  if (report.unfinished.length > 0) return 3
  return failOn !== 'never' && counted(report, failOn).length > 0 ? 1 : 0
}
