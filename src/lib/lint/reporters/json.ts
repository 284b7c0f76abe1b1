/** The report as one JSON document; the same that `--json` prints. */
import { SEVERITIES, severityAtLeast } from '../findings/index.ts'
import type { ReportInput } from './options.ts'

/** Fields are added within a major version, never renamed or removed. */
export function reportDocument({
  report,
  rules,
  severity,
  failOn,
  exitCode,
}: ReportInput): Readonly<Record<string, unknown>> {
  const live = report.findings.filter(({ suppression }) => suppression === undefined)
  return {
    exit_code: exitCode,
    fail_on: failOn,
    files: report.files,
    rules: rules.map(({ id }) => id),
    summary: {
      ...Object.fromEntries(
        SEVERITIES.map((level) => [level, live.filter((finding) => finding.severity === level).length]),
      ),
      suppressed: report.findings.length - live.length,
    },
    findings: report.findings
      .filter((finding) => severityAtLeast(finding.severity, severity))
      .map(({ endColumn, ...finding }) => ({ ...finding, end_column: endColumn })),
    verdicts: report.verdicts,
    unfinished: report.unfinished,
    remarks: report.remarks,
  }
}

export function reportJson(input: ReportInput): string {
  return `${JSON.stringify({ v: 1, ...reportDocument(input) }, undefined, 2)}\n`
}
