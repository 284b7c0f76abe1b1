/** Findings that were there when a project began to lint: they are known, and only new ones count. */
import { AivError } from '../../core/index.ts'
import { compareFindings, type Finding } from '../findings/index.ts'
import { field, parseJson, string, tables, UnreadableText } from '../readers/parse/index.ts'

export interface BaselineEntry {
  readonly fingerprint: string
  readonly rule: string
  readonly path: string
  /** For people who read the file; the fingerprint alone decides. */
  readonly message: string
}

/** @throws AivError `E_MALFORMED` */
export function parseBaseline(text: string, path: string): readonly BaselineEntry[] {
  let json: unknown
  try {
    json = parseJson(text)
  } catch (error) {
    if (!(error instanceof UnreadableText)) throw error
    throw new AivError('E_MALFORMED', `${path}: line ${error.line}: ${error.message}`)
  }
  if (field(json, 'version') !== 1)
    throw new AivError('E_MALFORMED', `${path} is no baseline of version 1`, {
      hint: 'aiv lint --baseline FILE --baseline-create writes one',
    })
  return tables(field(json, 'findings')).map((item) => {
    const fingerprint = string(field(item, 'fingerprint'))
    if (fingerprint === undefined || !/^[0-9a-f]{64}$/.test(fingerprint))
      throw new AivError('E_MALFORMED', `${path} has a finding without a fingerprint`)
    return {
      fingerprint,
      rule: string(field(item, 'rule')) ?? '',
      path: string(field(item, 'path')) ?? '',
      message: string(field(item, 'message')) ?? '',
    }
  })
}

/** The text of a baseline that knows these findings; one a line, so that changes are read in a diff. */
export function formatBaseline(entries: readonly BaselineEntry[]): string {
  const lines = [...entries]
    .sort(byEntry)
    .map(
      ({ rule, path, fingerprint, message }) => `    ${JSON.stringify({ rule, path, fingerprint, message })}`,
    )
  return `{\n  "version": 1,\n  "findings": [${lines.length === 0 ? '' : `\n${lines.join(',\n')}\n  `}]\n}\n`
}

/** What a new baseline holds: what counts now, without what the configuration explains already. */
export function baselineOf(findings: readonly Finding[]): readonly BaselineEntry[] {
  return [...findings]
    .filter(({ suppression }) => suppression?.kind !== 'config')
    .sort(compareFindings)
    .map(({ fingerprint, rule, path, message }) => ({ fingerprint, rule, path, message }))
}

/** Without what is no longer found; nothing is added. */
export function pruned(
  entries: readonly BaselineEntry[],
  findings: readonly Finding[],
): readonly BaselineEntry[] {
  const found = new Set(findings.map(({ fingerprint }) => fingerprint))
  return entries.filter(({ fingerprint }) => found.has(fingerprint))
}

function byEntry(a: BaselineEntry, b: BaselineEntry): number {
  const [x, y] = [a, b].map(({ path, rule, fingerprint }) => `${path}\0${rule}\0${fingerprint}`) as [
    string,
    string,
  ]
  if (x === y) return 0
  return x < y ? -1 : 1
}
