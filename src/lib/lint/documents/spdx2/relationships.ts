/** Relationships of SPDX 2 for the edges, scopes and completeness of a bill of materials. */
import type { Bom, Component, Scope } from '../../bom/index.ts'
import { ALL_UNKNOWN, DOCUMENT_ID, NOASSERTION, NONE, SOME_UNKNOWN, type SpdxRelationship } from './model.ts'

/** Relationships to the primary component that say a scope. */
const SCOPE_TYPES = { dev: 'DEV_DEPENDENCY_OF', optional: 'OPTIONAL_DEPENDENCY_OF' } as const

/**
 * What the document describes first, then all others sorted by both ends.
 * @param ids SPDX identifier by component ref
 */
export function relationshipsOf(bom: Bom, ids: ReadonlyMap<string, string>): readonly SpdxRelationship[] {
  const described = describedBy(bom).map((ref) =>
    relationship(DOCUMENT_ID, 'DESCRIBES', ids.get(ref) ?? NONE),
  )
  const others = [...ids].flatMap(([ref, id]) => dependenciesOf(bom, ref, id, ids))
  const primary = ids.get(bom.primary ?? '')
  const scopes = bom.components.flatMap((component) => {
    const scope = relatedScope(bom, component)
    return scope === 'required' || primary === undefined
      ? []
      : [relationship(ids.get(component.ref) ?? NONE, SCOPE_TYPES[scope], primary)]
  })
  return [...inOrder(described), ...inOrder([...others, ...scopes])]
}

/** The scope that a relationship to the primary component says; `required` needs none. */
export function relatedScope({ primary }: Bom, { ref, scope }: Component): Scope {
  return primary === undefined || primary === ref ? 'required' : scope
}

function dependenciesOf(
  { dependencies }: Bom,
  ref: string,
  id: string,
  ids: ReadonlyMap<string, string>,
): readonly SpdxRelationship[] {
  const { on, completeness } = dependencies.get(ref) ?? { on: [], completeness: 'unknown' }
  const edges = on.flatMap((to) => {
    const needed = ids.get(to)
    return needed === undefined || needed === id ? [] : [relationship(id, 'DEPENDS_ON', needed)]
  })
  if (completeness === 'complete') return edges.length > 0 ? edges : [relationship(id, 'DEPENDS_ON', NONE)]
  const comment = completeness === 'incomplete' ? SOME_UNKNOWN : ALL_UNKNOWN
  return [...edges, relationship(id, 'DEPENDS_ON', NOASSERTION, comment)]
}

/** Without a primary component the document describes all that nothing else needs. */
function describedBy({ primary, components, dependencies }: Bom): readonly string[] {
  const refs = new Set(components.map(({ ref }) => ref))
  if (primary !== undefined && refs.has(primary)) return [primary]
  const needed = new Set<string>()
  for (const [from, { on }] of dependencies) for (const to of on) if (to !== from) needed.add(to)
  const roots = [...refs].filter((ref) => !needed.has(ref))
  return roots.length > 0 ? roots : [...refs]
}

function relationship(from: string, type: string, to: string, comment?: string): SpdxRelationship {
  return {
    spdxElementId: from,
    relationshipType: type,
    relatedSpdxElement: to,
    ...(comment === undefined ? {} : { comment }),
  }
}

function inOrder(relationships: readonly SpdxRelationship[]): readonly SpdxRelationship[] {
  return relationships
    .map((each) => ({
      each,
      key: `${each.spdxElementId} ${each.relationshipType} ${each.relatedSpdxElement}`,
    }))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .map(({ each }) => each)
}
