/** A job summary: what counts, as tables. */
import { type Finding, type Severity, severityAtLeast } from '../findings/index.ts'
import type { ReportInput } from './options.ts'
import { summaryLine } from './text.ts'

/** GitHub cuts a job summary off at 1 MiB. */
const MAX_ROWS = 500

const SIGNS: Readonly<Record<Severity, string>> = {
  critical: '🟣 critical',
  error: '🔴 error',
  warning: '🟡 warning',
  info: '🔵 info',
}

export function reportMarkdown({ report, severity, exitCode }: ReportInput): string {
  const shown = report.findings.filter(
    (finding) => finding.suppression === undefined && severityAtLeast(finding.severity, severity),
  )
  const lines = [
    `## aiv lint: ${VERDICT_WORDS[exitCode] ?? 'failed'}`,
    '',
    `${escapeMarkdown(summaryLine({ report, severity }))}`,
    '',
  ]
  if (shown.length > 0) {
    lines.push('| severity | rule | place | finding |', '|-|-|-|-|', ...shown.slice(0, MAX_ROWS).map(row))
    if (shown.length > MAX_ROWS) lines.push('', `… and ${shown.length - MAX_ROWS} more.`)
    lines.push('')
  }
  const suppressed = report.findings.filter(({ suppression }) => suppression?.kind === 'config')
  if (suppressed.length > 0) {
    lines.push('### Suppressed', '', '| rule | place | reason | until |', '|-|-|-|-|')
    for (const finding of suppressed.slice(0, MAX_ROWS)) {
      const { reason = '', expires = '' } = finding.suppression ?? {}
      lines.push(`| ${finding.rule} | ${place(finding)} | ${escapeMarkdown(reason)} | ${expires} |`)
    }
    lines.push('')
  }
  for (const { path, message } of report.unfinished)
    lines.push(`- not looked at: ${escapeMarkdown(path)}: ${escapeMarkdown(message)}`)
  return `${lines.join('\n').trimEnd()}\n`
}

const VERDICT_WORDS: Readonly<Record<number, string>> = { 0: 'clean', 1: 'findings', 3: 'incomplete' }

function row(finding: Finding): string {
  const { severity, rule, name, message } = finding
  return `| ${SIGNS[severity]} | ${rule} ${name} | ${place(finding)} | ${escapeMarkdown(message)} |`
}

function place({ path, line }: Finding): string {
  return escapeMarkdown(line === undefined ? path : `${path}:${line}`)
}

/** What a file says must neither break the table nor become a link, an image or HTML. */
function escapeMarkdown(text: string): string {
  return text
    .replace(/[\p{Cc}\u2028\u2029]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replace(/[\\`*_{}[\]()#+!|~>@]/g, '\\$&')
    .replaceAll('://', '&#58;//')
}
