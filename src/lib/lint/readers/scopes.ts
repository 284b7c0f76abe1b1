/** Scopes that follow from the graph, for lockfiles that mark only the direct dependencies. */
import type { Component, Scope } from '../bom/index.ts'
import { strongerScope } from './builder.ts'

/**
 * Gives each component the strongest scope in which it can be reached.
 * @param direct for each direct dependency of the root, how the root needs it
 * @param edges pairs of refs among the components
 * @returns the same components with their scopes; one that nothing reaches keeps its own
 */
export function propagateScopes(
  components: readonly Component[],
  direct: ReadonlyMap<string, Scope>,
  edges: readonly (readonly [string, string])[],
): readonly Component[] {
  const needs = new Map<string, string[]>()
  for (const [from, to] of edges) {
    const list = needs.get(from)
    if (list === undefined) needs.set(from, [to])
    else list.push(to)
  }
  const reached = new Map<string, Scope>()
  const open = [...direct]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [ref, scope] = next
    const known = reached.get(ref)
    const stronger = known === undefined ? scope : strongerScope(known, scope)
    if (stronger === known) continue
    reached.set(ref, stronger)
    for (const to of needs.get(ref) ?? []) open.push([to, stronger])
  }
  return components.map((component) => ({
    ...component,
    scope: reached.get(component.ref) ?? component.scope,
  }))
}
