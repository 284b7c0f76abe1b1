/** All rules of all families, as data. */
import type { RuleInfo } from './rule.ts'
import { PROJECT_RULES, SBOM_AMONG_OTHERS_RULES, SBOM_RULES } from './sbom/index.ts'

/** Sorted by id. */
export const RULES: readonly RuleInfo[] = [...SBOM_RULES, ...SBOM_AMONG_OTHERS_RULES, ...PROJECT_RULES].sort(
  (a, b) => (a.id < b.id ? -1 : 1),
)

/** @param word an id or a name, in any case */
export function findRule(word: string): RuleInfo | undefined {
  const lower = word.toLowerCase()
  return RULES.find(({ id, name }) => id.toLowerCase() === lower || name === lower)
}
