/** What a license expression names. Loaded on demand: the lists of SPDX are long. */
import { createRequire } from 'node:module'
import parse, { type Info } from 'spdx-expression-parse'

const DEPRECATED: ReadonlySet<string> = new Set(
  createRequire(import.meta.url)('spdx-license-ids/deprecated.json') as readonly string[],
)

/** @returns the licenses that it names, as written; undefined when it is no expression */
export function licensesOf(expression: string): readonly string[] | undefined {
  let parsed: Info
  try {
    parsed = parse(expression)
  } catch {
    // Also the end of the stack, for parentheses without end.
    return undefined
  }
  const names: string[] = []
  const open: Info[] = [parsed]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if ('license' in next) names.push(next.plus === true ? `${next.license}+` : next.license)
    else open.push(next.right, next.left)
  }
  return names
}

/** Identifiers of the expression that SPDX has withdrawn, sorted; none for what is no expression. */
export function deprecatedIn(expression: string): readonly string[] {
  const names = licensesOf(expression) ?? []
  return [
    ...new Set(names.filter((name) => DEPRECATED.has(name) || DEPRECATED.has(name.replace(/\+$/, '')))),
  ].sort()
}
