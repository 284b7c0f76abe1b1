/** Findings made by hand, and a report of them, for tests of what is printed. */
import {
  type Finding,
  fingerprinted,
  type LintReport,
  type Severity,
} from '../../src/lib/lint/findings/index.ts'
import type { ReportInput } from '../../src/lib/lint/reporters/index.ts'
import { findRule, RULES } from '../../src/lib/lint/rules/index.ts'

/** @param changes for what the test is about; the fingerprint is made from the rest */
export function finding(changes: Partial<Finding> = {}): Omit<Finding, 'fingerprint'> {
  const rule = findRule(changes.rule ?? 'SB0004')
  return {
    rule: 'SB0004',
    name: rule?.name ?? '',
    severity: rule?.severity ?? 'error',
    message: 'Something refers to nothing.',
    path: 'sbom.cdx.json',
    line: 3,
    column: 5,
    endColumn: 9,
    fix: rule?.fix ?? '',
    ...changes,
  }
}

export function reportOf(
  findings: readonly Omit<Finding, 'fingerprint'>[],
  changes: Partial<LintReport> = {},
): LintReport {
  const marked = fingerprinted(findings)
  return {
    findings: marked,
    verdicts: marked.map(({ rule, path }) => ({ rule, path, verdict: 'fail' })),
    files: [...new Set(marked.map(({ path }) => path))].sort(),
    unfinished: [],
    remarks: [],
    ...changes,
  }
}

export function reportInput(
  report: LintReport,
  { severity = 'info', exitCode = 1 }: { severity?: Severity; exitCode?: number } = {},
): ReportInput {
  return { report, rules: RULES, severity, failOn: 'error', exitCode, toolVersion: '0.1.0' }
}

/** What a hostile document may put into a message, a path or an entity. */
export const HOSTILE = [
  '<script>alert(1)</script> & "quotes" \'single\' ]]>',
  'line\nbreak\r\nand\ttab',
  '::error file=x::injected\n::set-output name=a::b',
  '100% of | pipes | and `ticks` ![img](https://evil.example/x.png)',
  'nul\u0000 escape\u001b[31m bell\u0007 \u2028 \u202e \ud800 \ufffe',
  'a:b,c;d=e%25',
]
