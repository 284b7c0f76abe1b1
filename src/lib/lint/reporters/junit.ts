/**
 * JUnit XML, as CI systems read it: a suite for each file, a case for each rule, a failure where the rule has findings
 * that count. Without times, which would differ in every run.
 */
import { type Finding, severityAtLeast } from '../findings/index.ts'
import type { ReportInput } from './options.ts'
import { escapeXml } from './xml.ts'

export function reportJunit({ report, severity }: ReportInput): string {
  const findings = new Map<string, Finding[]>()
  for (const finding of report.findings) {
    if (finding.suppression !== undefined || !severityAtLeast(finding.severity, severity)) continue
    const key = keyOf(finding)
    const list = findings.get(key)
    if (list === undefined) findings.set(key, [finding])
    else list.push(finding)
  }
  const cases = new Map<string, Case>()
  for (const { path, rule, verdict, reason } of report.verdicts) {
    // Whatever fails is told by its findings: those below the severity, or suppressed, are no failures.
    const skipped =
      verdict === 'inconclusive' || verdict === 'not-applicable' ? (reason ?? verdict) : undefined
    cases.set(keyOf({ path, rule }), { path, rule, findings: [], skipped })
  }
  for (const [key, list] of findings) {
    const [{ path, rule }] = list as [Finding]
    cases.set(key, { path, rule, findings: list, skipped: undefined })
  }
  const suites = new Map<string, Case[]>()
  for (const [, test] of [...cases].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const suite = suites.get(test.path)
    if (suite === undefined) suites.set(test.path, [test])
    else suite.push(test)
  }
  const errors = report.unfinished.length
  const all = [...cases.values()]
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="aiv lint" tests="${all.length + errors}" failures="${failures(all)}" errors="${errors}">`,
    ...[...suites].map(([path, tests]) => suiteXml(path, tests)),
    ...report.unfinished.map(
      ({ path, message }) =>
        `  <testsuite name="${escapeXml(path)}" tests="1" failures="0" errors="1" skipped="0">\n    <testcase name="read" classname="${escapeXml(path)}">\n      <error message="${escapeXml(message)}" type="unfinished"/>\n    </testcase>\n  </testsuite>`,
    ),
    '</testsuites>',
    '',
  ].join('\n')
}

interface Case {
  readonly path: string
  readonly rule: string
  readonly findings: readonly Finding[]
  readonly skipped: string | undefined
}

function keyOf({ path, rule }: { readonly path: string; readonly rule: string }): string {
  return `${path}\0${rule}`
}

function failures(cases: readonly Case[]): number {
  return cases.filter(({ findings }) => findings.length > 0).length
}

function suiteXml(path: string, cases: readonly Case[]): string {
  const skipped = cases.filter((test) => test.skipped !== undefined).length
  return [
    `  <testsuite name="${escapeXml(path)}" tests="${cases.length}" failures="${failures(cases)}" errors="0" skipped="${skipped}">`,
    ...cases.map(caseXml),
    '  </testsuite>',
  ].join('\n')
}

function caseXml({ path, rule, findings, skipped }: Case): string {
  const open = `    <testcase name="${escapeXml(rule)}" classname="${escapeXml(path)}"`
  if (skipped !== undefined)
    return `${open}>\n      <skipped message="${escapeXml(skipped)}"/>\n    </testcase>`
  const [first] = findings
  if (first === undefined) return `${open}/>`
  const message = findings.length === 1 ? first.message : `${first.message} And ${findings.length - 1} more.`
  const lines = findings.map(
    (finding) => `${finding.path}${finding.line === undefined ? '' : `:${finding.line}`}: ${finding.message}`,
  )
  return [
    `${open}>`,
    `      <failure message="${escapeXml(message)}" type="${escapeXml(first.severity)}">${lines.map(escapeXml).join('\n')}</failure>`,
    '    </testcase>',
  ].join('\n')
}
