/** The report for people at a terminal: findings by file, then one line that sums up. */
import { type Finding, SEVERITIES, type Severity, severityAtLeast } from '../findings/index.ts'
import type { ReportInput } from './options.ts'

/** Findings of one rule in one file that are printed; the rest is counted. The other formats have them all. */
const SHOWN_OF_A_RULE = 10

const COLORS: Readonly<Record<Severity, number>> = { critical: 35, error: 31, warning: 33, info: 36 }

export function reportText({ report, severity, color = false }: ReportInput): string {
  const paint = (code: number, text: string): string => (color ? `\u001b[${code}m${text}\u001b[0m` : text)
  const shown = report.findings.filter(
    (finding) => finding.suppression === undefined && severityAtLeast(finding.severity, severity),
  )
  const lines: string[] = []
  for (const [path, findings] of grouped(shown, ({ path }) => path)) {
    lines.push(paint(1, oneLine(path)))
    const ofRule = grouped(findings, ({ rule }) => rule)
    const printed = new Map<string, number>()
    for (const finding of findings) {
      const same = ofRule.get(finding.rule) ?? []
      const index = printed.get(finding.rule) ?? 0
      printed.set(finding.rule, index + 1)
      if (index < SHOWN_OF_A_RULE) {
        const level = paint(COLORS[finding.severity], finding.severity.padEnd(8))
        lines.push(`  ${placeOf(finding).padEnd(9)} ${level} ${finding.rule} ${oneLine(finding.message)}`)
      }
      if (index === SHOWN_OF_A_RULE)
        lines.push(
          `  ${''.padEnd(9)} ${''.padEnd(8)} ${finding.rule} … and ${same.length - SHOWN_OF_A_RULE} more of ${finding.name}`,
        )
    }
    lines.push('')
  }
  for (const { path, message } of report.unfinished)
    lines.push(`not looked at: ${oneLine(path)}: ${oneLine(message)}`)
  lines.push(summaryLine({ report, severity }))
  return `${lines.join('\n')}\n`
}

/** `3 findings in 2 files: 1 error, 2 warnings; 4 suppressed; 12 below warning` */
export function summaryLine({ report, severity }: Pick<ReportInput, 'report' | 'severity'>): string {
  const live = report.findings.filter(({ suppression }) => suppression === undefined)
  const shown = live.filter((finding) => severityAtLeast(finding.severity, severity))
  const counts = SEVERITIES.toReversed().flatMap((level) => {
    const count = shown.filter((finding) => finding.severity === level).length
    return count === 0 ? [] : [plural(count, level === 'info' ? 'remark' : level)]
  })
  const parts = [
    `${plural(shown.length, 'finding')} in ${plural(report.files.length, 'file')}${counts.length === 0 ? '' : `: ${counts.join(', ')}`}`,
  ]
  const suppressed = report.findings.length - live.length
  if (suppressed > 0) parts.push(`${suppressed} suppressed`)
  const below = live.length - shown.length
  if (below > 0) parts.push(`${below} below ${severity}`)
  const open = report.verdicts.filter(({ verdict }) => verdict === 'inconclusive').length
  if (open > 0) parts.push(`${open} inconclusive`)
  return parts.join('; ')
}

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 || word === 'critical' ? '' : 's'}`
}

function placeOf({ line, column }: Finding): string {
  if (line === undefined) return '-'
  return column === undefined ? `${line}` : `${line}:${column}`
}

function grouped<T>(items: readonly T[], key: (item: T) => string): ReadonlyMap<string, T[]> {
  const groups = new Map<string, T[]>()
  for (const item of items) {
    const group = groups.get(key(item))
    if (group === undefined) groups.set(key(item), [item])
    else group.push(item)
  }
  return groups
}

/** What a CI runner takes for a command when a line begins with it, or holds it: it could silence what follows. */
const COMMAND = /^\s*::|##\[/g

/** A message may quote a hostile file: one finding stays one line, and nothing of it acts on the terminal. */
function oneLine(text: string): string {
  return text
    .replace(/[\p{Cc}\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
    .replace(COMMAND, '\ufffd')
}
