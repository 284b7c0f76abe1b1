/** Leaves out what is there only for making a product, or what it works without. */
import type { Bom, Scope } from '../bom/index.ts'

export function omitScopes(bom: Bom, omit: readonly Exclude<Scope, 'required'>[]): Bom {
  if (omit.length === 0) return bom
  const left = new Set<Scope>(omit)
  const components = bom.components.filter(({ ref, scope }) => ref === bom.primary || !left.has(scope))
  const refs = new Set(components.map(({ ref }) => ref))
  return {
    ...bom,
    components,
    dependencies: new Map(
      [...bom.dependencies].flatMap(([ref, { on, completeness }]) => {
        if (!refs.has(ref)) return []
        const kept = on.filter((other) => refs.has(other))
        // What was left out on request makes the list no longer all there is.
        const known = kept.length < on.length && completeness === 'complete' ? 'incomplete' : completeness
        return [[ref, { on: kept, completeness: known }] as const]
      }),
    ),
  }
}
