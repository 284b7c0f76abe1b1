/** Which rules run, and what a finding of each is worth. */
import { AivError } from '../../core/index.ts'
import type { Severity } from '../findings/index.ts'
import { matchesPattern } from './pattern.ts'
import { findRule, RULES } from './registry.ts'
import type { RuleInfo } from './rule.ts'

export interface Selection {
  /** Ids or names; together with {@link select} the only rules that run. Default: all. */
  readonly rules?: readonly string[] | undefined
  /** Patterns with `*` over ids and names. */
  readonly select?: readonly string[] | undefined
  /** Patterns of rules that do not run, whatever the others say. */
  readonly skip?: readonly string[] | undefined
}

/**
 * @returns the ids that run
 * @throws AivError `E_USAGE` for a word that means no rule
 */
export function selectRules({ rules = [], select = [], skip = [] }: Selection): ReadonlySet<string> {
  const named = rules.map((word) => ruleNamed(word).id)
  const matched = select.flatMap((pattern) => rulesMatching(pattern).map(({ id }) => id))
  const left = new Set(skip.flatMap((pattern) => rulesMatching(pattern).map(({ id }) => id)))
  const chosen = rules.length + select.length === 0 ? RULES.map(({ id }) => id) : [...named, ...matched]
  return new Set(chosen.filter((id) => !left.has(id)))
}

/** @throws AivError `E_USAGE` */
export function ruleNamed(word: string): RuleInfo {
  const rule = findRule(word)
  if (rule !== undefined) return rule
  throw new AivError('E_USAGE', `there is no rule ${word}`, { hint: 'aiv lint rules lists them' })
}

/** @throws AivError `E_USAGE` when there are none */
function rulesMatching(pattern: string): readonly RuleInfo[] {
  const matched = RULES.filter(
    ({ id, name }) =>
      matchesPattern(id.toLowerCase(), pattern.toLowerCase()) || matchesPattern(name, pattern.toLowerCase()),
  )
  if (matched.length > 0) return matched
  throw new AivError('E_USAGE', `no rule matches ${pattern}`, { hint: 'aiv lint rules lists them' })
}

/** @param overrides by rule id */
export function severityOf(rule: RuleInfo, overrides: ReadonlyMap<string, Severity>): Severity {
  return overrides.get(rule.id) ?? rule.severity
}
