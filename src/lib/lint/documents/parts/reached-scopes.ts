/**
 * Scopes of components where a document says how each needs the next: a way is worth as much as its weakest step, and a
 * component as much as the best way to it.
 */
import type { Scope } from '../../bom/index.ts'

/** The first needs the second in that scope. */
export type ScopedEdge = readonly [from: string, to: string, scope: Scope]

const STRENGTH: Readonly<Record<Scope, number>> = { dev: 0, optional: 1, required: 2 }

/**
 * @param roots what the document is about
 * @returns by identifier; what no way leads to has the best scope of the edges to it
 */
export function reachedScopes(roots: readonly string[], edges: readonly ScopedEdge[]): Map<string, Scope> {
  const scopes = new Map<string, Scope>()
  const raise = (id: string, scope: Scope): boolean => {
    const known = scopes.get(id)
    if (known !== undefined && STRENGTH[known] >= STRENGTH[scope]) return false
    scopes.set(id, scope)
    return true
  }
  const steps = new Map<string, ScopedEdge[]>()
  for (const edge of edges) {
    const known = steps.get(edge[0])
    if (known === undefined) steps.set(edge[0], [edge])
    else known.push(edge)
  }
  const open = roots.filter((root) => raise(root, 'required'))
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const here = scopes.get(next) ?? 'required'
    for (const [, to, scope] of steps.get(next) ?? []) if (raise(to, weaker(here, scope))) open.push(to)
  }
  const unreached = edges.filter(([, to]) => !scopes.has(to))
  for (const [, to, scope] of unreached) raise(to, scope)
  return scopes
}

function weaker(a: Scope, b: Scope): Scope {
  return STRENGTH[a] < STRENGTH[b] ? a : b
}
