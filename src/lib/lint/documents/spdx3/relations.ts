/** Relationships of an SPDX 3 document: edges, scopes, completeness and licenses. */
import type { Completeness, Scope } from '../../bom/index.ts'
import { array, field, string, strings } from '../../readers/parse/shape.ts'
import type { Assembler, Locate } from '../parts/assembler.ts'
import { reachedScopes, type ScopedEdge } from '../parts/reached-scopes.ts'
import type { Elements } from './elements.ts'
import { licenseText } from './license-text.ts'
import type { Resolve } from './package-fields.ts'
import { PACKAGES } from './vocabulary.ts'

/** Relationships in which the first element needs, or contains, the second, with the scope that they say. */
const NEEDS = new Map<unknown, Scope | undefined>([
  ['dependsOn', undefined],
  ['contains', undefined],
  ['hasPrerequisite', undefined],
  ['hasDynamicLink', undefined],
  ['hasStaticLink', undefined],
  ['hasProvidedDependency', undefined],
  ['hasOptionalComponent', 'optional'],
  ['hasOptionalDependency', 'optional'],
  ['usesTool', 'dev'],
])
const DEVELOPMENT: ReadonlySet<unknown> = new Set(['development', 'test', 'build', 'design'])
/** Names that SPDX itself gives, in short and in full. */
const INDIVIDUAL =
  /(?:^|[/_])(?:None|NoAssertion)(?:Element|License)$|^SpdxOrganization$|^https:\/\/spdx\.org\//

export interface Relation {
  readonly from: string
  readonly type: unknown
  readonly to: readonly unknown[]
  readonly scope: Scope
  readonly completeness: Completeness
  readonly pointer: string
}

export function relationsIn({ all }: Elements): readonly Relation[] {
  return all.flatMap(({ element, pointer }) => {
    const type = element.relationshipType
    const from = string(element.from) ?? string(field(element.from, 'spdxId'))
    if (type === undefined || from === undefined) return []
    const word = element.completeness
    return [
      {
        from,
        type,
        to: array(element.to),
        scope: DEVELOPMENT.has(element.scope) ? 'dev' : (NEEDS.get(type) ?? 'required'),
        completeness: word === 'complete' || word === 'incomplete' ? word : 'unknown',
        pointer,
      },
    ]
  })
}

/** @param imported names of elements that are in other documents */
export function addRelations(
  relations: readonly Relation[],
  { byId }: Elements,
  bom: Assembler,
  locate: Locate,
  imported: ReadonlySet<string>,
): void {
  const isKnown = (id: string): boolean => byId.has(id) || imported.has(id) || INDIVIDUAL.test(id)
  for (const { from, type, to, completeness, pointer } of relations) {
    const ids = to.flatMap((value) => string(value) ?? string(field(value, 'spdxId')) ?? [])
    for (const id of [from, ...ids])
      if (!isKnown(id)) bom.defect('dangling-reference', `there is no ${id} in the document`, locate(pointer))
    if (!NEEDS.has(type) || !bom.isComponent(from)) continue
    if (type === 'dependsOn' || type === 'hasOptionalDependency') bom.complete(from, completeness)
    for (const id of ids) if (bom.isComponent(id)) bom.depend(from, id)
  }
}

/** @param roots none in a document of ours, whose edges say the scopes of the components themselves */
export function scopesIn(
  relations: readonly Relation[],
  roots: readonly string[],
): ReadonlyMap<string, Scope> {
  const edges = relations.flatMap(({ from, type, to, scope }) =>
    NEEDS.has(type) ? strings(to).map((id): ScopedEdge => [from, id, scope]) : [],
  )
  if (edges.every(([, , scope]) => scope === 'required')) return new Map()
  return reachedScopes(roots, edges)
}

/** By type of relationship and identifier; several hold together. */
export function licensesIn(relations: readonly Relation[], resolve: Resolve): ReadonlyMap<string, string> {
  const licenses = new Map<string, string>()
  for (const { from, type, to } of relations) {
    if (type !== 'hasDeclaredLicense' && type !== 'hasConcludedLicense') continue
    const texts = to.flatMap((value) => licenseText(value, resolve) ?? [])
    if (texts.length > 0) licenses.set(`${type} ${from}`, texts.join(' AND '))
  }
  return licenses
}

/** Elements that the document says are in others. */
export function importedBy(document: unknown): ReadonlySet<string> {
  return new Set(
    array(field(document, 'import')).flatMap((map) => string(field(map, 'externalSpdxId')) ?? []),
  )
}

/** Identifiers of what the document is about. It is about a bill, and the bill about a package; some tools leave one of the two out. */
export function rootsIn(document: unknown, sbom: unknown, resolve: Resolve): readonly string[] {
  const roots = [document, sbom].flatMap((collection) =>
    array(field(collection, 'rootElement')).flatMap((value) => {
      const element = resolve(value)
      const inner = PACKAGES.has(field(element, 'type')) ? [element] : array(field(element, 'rootElement'))
      return inner.flatMap((each) => string(each) ?? string(field(resolve(each), 'spdxId')) ?? [])
    }),
  )
  return [...new Set(roots)]
}
