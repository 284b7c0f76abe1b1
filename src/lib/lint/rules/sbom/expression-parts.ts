/** What a license expression names. Loaded on demand: the lists of SPDX are long. */
import { expressionOf, isDeprecatedId, simpleLicenses } from '../../licenses/index.ts'

/** @returns the licenses that it names, in the spelling of the list; undefined when it is no expression */
export function licensesOf(expression: string): readonly string[] | undefined {
  const parsed = expressionOf(expression)
  return parsed && simpleLicenses(parsed).map(({ id, orLater }) => (orLater ? `${id}+` : id))
}

/** Identifiers of the expression that SPDX has withdrawn, sorted; none for what is no expression. */
export function deprecatedIn(expression: string): readonly string[] {
  const names = licensesOf(expression) ?? []
  return [
    ...new Set(names.filter((name) => isDeprecatedId(name) || isDeprecatedId(name.replace(/\+$/, '')))),
  ].sort()
}
