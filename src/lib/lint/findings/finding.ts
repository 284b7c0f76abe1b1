/** What a rule has to say about one place, whatever the rule looks at. */

export const SEVERITIES = ['info', 'warning', 'error', 'critical'] as const
export type Severity = (typeof SEVERITIES)[number]

export interface Place {
  /** Relative to the folder of the run, with forward slashes; of stdin, the name that was given for it. */
  readonly path: string
  /** 1 and up; absent where the whole file is meant. */
  readonly line?: number | undefined
  /** 1 and up, in UTF-16 code units, as SARIF counts. */
  readonly column?: number | undefined
  /** First column after the place, on the same line. */
  readonly endColumn?: number | undefined
}

/** Why a finding does not count. */
export interface Suppression {
  readonly kind: 'config' | 'baseline'
  readonly reason: string
  /** `YYYY-MM-DD`: the last day on which it holds. */
  readonly expires?: string | undefined
}

export interface Finding extends Place {
  /** `SB0004` */
  readonly rule: string
  /** `dangling-reference` */
  readonly name: string
  readonly severity: Severity
  /** One sentence with a full stop. */
  readonly message: string
  /** What it is about, such as a package URL. */
  readonly entity?: string | undefined
  /** What to do. */
  readonly fix: string
  /** Hex SHA-256, the same when lines move; see `fingerprint.ts`. */
  readonly fingerprint: string
  readonly suppression?: Suppression | undefined
}

export function severityAtLeast(severity: Severity, threshold: Severity): boolean {
  return SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(threshold)
}

/** The one order of findings: by place, then rule, then what they are about. */
export function compareFindings(a: Finding, b: Finding): number {
  return (
    compareText(a.path, b.path) ||
    (a.line ?? 0) - (b.line ?? 0) ||
    (a.column ?? 0) - (b.column ?? 0) ||
    compareText(a.rule, b.rule) ||
    compareText(a.entity ?? '', b.entity ?? '') ||
    compareText(a.message, b.message)
  )
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
