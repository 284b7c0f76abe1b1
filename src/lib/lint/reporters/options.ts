/** What reporters need besides the findings. */
import type { LintReport, Severity } from '../findings/index.ts'
import type { RuleInfo } from '../rules/index.ts'

export const REPORT_FORMATS = ['text', 'json', 'sarif', 'junit', 'markdown', 'github'] as const
export type ReportFormat = (typeof REPORT_FORMATS)[number]

export interface ReportInput {
  readonly report: LintReport
  /** Those that ran, sorted by id. */
  readonly rules: readonly RuleInfo[]
  /** The lowest severity that is shown. */
  readonly severity: Severity
  readonly failOn: Severity | 'never'
  readonly exitCode: number
  readonly toolVersion: string
  /** ANSI colors; only text has them. */
  readonly color?: boolean | undefined
}
