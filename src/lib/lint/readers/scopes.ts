/** Scopes that follow from the graph, for lockfiles that mark only the direct dependencies. */
import type { Component, Scope } from '../bom/index.ts'
import { strongerScope } from './builder.ts'

/** Why one component needs another; `required` where nothing is said. */
export type ScopedEdge = readonly [from: string, to: string, scope?: Scope]

/**
 * Gives each component the strongest scope in which it can be reached.
 * @param direct for each direct dependency of the root, how the root needs it
 * @param edges among the components; what an optional component needs is no more than optional, and what is needed
 *   for development only stays so
 * @returns the same components with their scopes; one that nothing reaches keeps its own
 */
export function propagateScopes(
  components: readonly Component[],
  direct: ReadonlyMap<string, Scope>,
  edges: readonly ScopedEdge[],
): readonly Component[] {
  const needs = new Map<string, [string, Scope][]>()
  for (const [from, to, scope = 'required'] of edges) {
    const list = needs.get(from)
    if (list === undefined) needs.set(from, [[to, scope]])
    else list.push([to, scope])
  }
  const reached = new Map<string, Scope>()
  const open = [...direct]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [ref, scope] = next
    const known = reached.get(ref)
    const stronger = known === undefined ? scope : strongerScope(known, scope)
    if (stronger === known) continue
    reached.set(ref, stronger)
    for (const [to, how] of needs.get(ref) ?? []) open.push([to, weakerScope(stronger, how)])
  }
  return components.map((component) => ({
    ...component,
    scope: reached.get(component.ref) ?? component.scope,
  }))
}

/** What is needed only by what is optional is no more than optional. */
export function weakerScope(a: Scope, b: Scope): Scope {
  return strongerScope(a, b) === a ? b : a
}
