/** Workflow commands of GitHub Actions, which show findings in the files of a pull request. */
import { type Finding, type Severity, severityAtLeast } from '../findings/index.ts'
import type { ReportInput } from './options.ts'
import { summaryLine } from './text.ts'

/**
 * GitHub shows 10 of each kind for a step; the rest would only fill the log.
 * @see https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands
 */
const COMMANDS: Readonly<Record<Severity, 'error' | 'warning' | 'notice'>> = {
  critical: 'error',
  error: 'error',
  warning: 'warning',
  info: 'notice',
}

export function reportGithub({ report, severity }: ReportInput): string {
  const lines = report.findings
    .filter((finding) => finding.suppression === undefined && severityAtLeast(finding.severity, severity))
    .map(annotation)
  const unfinished = report.unfinished.map(
    ({ path, message }) => `::error file=${property(path)},title=unfinished::${data(message)}`,
  )
  // Stops the text of the summary from being taken for a command.
  return `${[...lines, ...unfinished, data(summaryLine({ report, severity }))].join('\n')}\n`
}

function annotation({ severity, path, line, column, endColumn, rule, name, message }: Finding): string {
  const properties = [
    `file=${property(path)}`,
    ...(line === undefined ? [] : [`line=${line}`]),
    ...(column === undefined ? [] : [`col=${column}`]),
    ...(endColumn === undefined ? [] : [`endColumn=${endColumn}`]),
    `title=${property(`${rule} ${name}`)}`,
  ]
  return `::${COMMANDS[severity]} ${properties.join(',')}::${data(message)}`
}

/** As the toolkit's `escapeData` does: a line break would begin a new command. The log is read on terminals, too. */
function data(text: string): string {
  return withoutControls(text).replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

/** Properties end at a comma and at `::`. */
function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

function withoutControls(text: string): string {
  return text.replace(/[^\P{Cc}\r\n]|[\u061c\u2028\u2029\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu, '\ufffd')
}
