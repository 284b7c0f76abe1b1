/** SARIF 2.1.0 within the limits of GitHub code scanning. */
import {
  compareFindings,
  FINGERPRINT_NAME,
  type Finding,
  SEVERITIES,
  type Severity,
  severityAtLeast,
} from '../findings/index.ts'
import type { RuleInfo } from '../rules/index.ts'
import type { ReportInput } from './options.ts'

/** GitHub refuses a run with more; it shows the 5,000 gravest. */
const MAX_RESULTS = 25_000

const SCHEMA = 'https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json'

/** The folder of the run; GitHub resolves paths against the checkout. */
const BASE = '%SRCROOT%'

const LEVELS: Readonly<Record<Severity, 'error' | 'warning' | 'note'>> = {
  critical: 'error',
  error: 'error',
  warning: 'warning',
  info: 'note',
}

export function reportSarif(input: ReportInput): string {
  return `${JSON.stringify(sarifDocument(input), undefined, 2)}\n`
}

function sarifDocument({ report, rules, severity, exitCode, toolVersion }: ReportInput): object {
  const shown = report.findings.filter((finding) => severityAtLeast(finding.severity, severity))
  const kept = gravest(shown)
  const indexes = new Map(rules.map(({ id }, index) => [id, index]))
  const notifications = [
    ...report.unfinished.map(({ path, message }) => ({
      level: 'error',
      message: { text: `${path} was not looked at: ${message}.` },
      locations: [{ physicalLocation: { artifactLocation: location(path) } }],
    })),
    ...(kept.length < shown.length
      ? [
          {
            level: 'warning',
            message: { text: `${shown.length - kept.length} findings of the least severity were left out.` },
          },
        ]
      : []),
  ]
  return {
    $schema: SCHEMA,
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'aiv lint',
            fullName: `aiv lint ${toolVersion}`,
            semanticVersion: toolVersion,
            rules: rules.map(ruleDescriptor),
          },
        },
        invocations: [
          {
            executionSuccessful: report.unfinished.length === 0,
            exitCode,
            ...(notifications.length === 0 ? {} : { toolExecutionNotifications: notifications }),
          },
        ],
        originalUriBaseIds: { [BASE]: { description: { text: 'The folder in which aiv lint was run.' } } },
        columnKind: 'utf16CodeUnits',
        results: kept.map((finding) => result(finding, indexes)),
      },
    ],
  }
}

/** The gravest findings up to the limit, in the order of the report. */
function gravest(findings: readonly Finding[]): readonly Finding[] {
  if (findings.length <= MAX_RESULTS) return findings
  return findings
    .toSorted(
      (a, b) => SEVERITIES.indexOf(b.severity) - SEVERITIES.indexOf(a.severity) || compareFindings(a, b),
    )
    .slice(0, MAX_RESULTS)
    .sort(compareFindings)
}

function ruleDescriptor(rule: RuleInfo): object {
  const { id, name, severity, summary, rationale, fix, references } = rule
  const [first] = references
  return {
    id,
    name: pascalCase(name),
    shortDescription: { text: summary },
    fullDescription: { text: `${summary} ${rationale}` },
    ...(first === undefined ? {} : { helpUri: first.url }),
    help: {
      text: `${rationale} ${fix}`,
      markdown: [
        `**${summary}**`,
        rationale,
        `What to do: ${fix}`,
        references.map(({ title, url }) => `- [${title}](${url})`).join('\n'),
      ].join('\n\n'),
    },
    defaultConfiguration: { level: LEVELS[severity] },
    properties: {
      tags: [rule.evidence, 'sbom'],
      precision: 'very-high',
      'problem.severity': problemSeverity(severity),
    },
  }
}

function result(finding: Finding, indexes: ReadonlyMap<string, number>): object {
  const { rule, severity, message, line, column, endColumn, path, entity, fix, fingerprint, suppression } =
    finding
  return {
    ruleId: rule,
    ruleIndex: indexes.get(rule) ?? -1,
    level: LEVELS[severity],
    message: { text: message },
    locations: [
      {
        physicalLocation: {
          artifactLocation: location(path),
          // GitHub shows nothing without a line.
          region: {
            startLine: line ?? 1,
            ...(column === undefined ? {} : { startColumn: column }),
            ...(endColumn === undefined ? {} : { endColumn }),
          },
        },
      },
    ],
    partialFingerprints: { [FINGERPRINT_NAME]: fingerprint },
    suppressions:
      suppression === undefined
        ? []
        : [
            {
              kind: 'external',
              status: 'accepted',
              justification: suppression.reason,
              ...(suppression.expires === undefined ? {} : { properties: { expires: suppression.expires } }),
            },
          ],
    properties: { severity, fix, ...(entity === undefined ? {} : { entity }) },
  }
}

function location(path: string): object {
  return { uri: relativeUri(path), uriBaseId: BASE }
}

/** A first segment with a colon would read as a scheme, and so it is percent-encoded like all else. */
function relativeUri(path: string): string {
  return path.split('/').map(encodeSegment).join('/')
}

function encodeSegment(segment: string): string {
  // Half a surrogate pair cannot be encoded.
  return encodeURIComponent(segment.toWellFormed())
}

function pascalCase(name: string): string {
  return name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')
}

function problemSeverity(severity: Severity): string {
  if (severity === 'info') return 'recommendation'
  return severity === 'warning' ? 'warning' : 'error'
}
