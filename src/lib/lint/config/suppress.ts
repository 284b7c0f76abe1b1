/** Marks the findings that do not count, and says which suppressions are of no use any more. */
import type { Finding } from '../findings/index.ts'
import type { BaselineEntry } from './baseline.ts'
import { type SuppressionRule, suppresses } from './config.ts'

export interface Suppressed {
  readonly findings: readonly Finding[]
  /** For people. */
  readonly remarks: readonly string[]
}

/**
 * An expired suppression suppresses nothing. The configuration goes before the baseline.
 * @param today `YYYY-MM-DD`
 */
export function suppress(
  findings: readonly Finding[],
  rules: readonly SuppressionRule[],
  baseline: readonly BaselineEntry[],
  today: string,
): Suppressed {
  const known = new Set(baseline.map(({ fingerprint }) => fingerprint))
  const used = new Set<SuppressionRule>()
  const marked = findings.map((finding): Finding => {
    const matching = rules.filter((rule) => suppresses(rule, finding))
    for (const rule of matching) used.add(rule)
    const valid = matching.find((rule) => !isExpired(rule, today))
    if (valid !== undefined)
      return {
        ...finding,
        suppression: { kind: 'config', reason: valid.reason, expires: valid.expires },
      }
    return known.has(finding.fingerprint)
      ? { ...finding, suppression: { kind: 'baseline', reason: 'it was there when the baseline was made' } }
      : finding
  })
  return {
    findings: marked,
    remarks: rules.flatMap((rule) => {
      if (!used.has(rule)) return [`the suppression of ${describe(rule)} matches nothing: take it out`]
      return isExpired(rule, today) ? [`the suppression of ${describe(rule)} ended on ${rule.expires}`] : []
    }),
  }
}

function isExpired({ expires }: SuppressionRule, today: string): boolean {
  return expires !== undefined && expires < today
}

function describe({ rule, path, entity }: SuppressionRule): string {
  return [rule, entity, path === undefined ? undefined : `in ${path}`]
    .filter((part) => part !== undefined)
    .join(' ')
}
