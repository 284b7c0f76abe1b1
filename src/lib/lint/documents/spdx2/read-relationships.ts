/** What relationships of an SPDX 2 document say about edges, scopes and completeness. */
import type { Scope } from '../../bom/index.ts'
import { array, field, string, strings, tables } from '../../readers/parse/shape.ts'
import type { Assembler, Locate } from '../parts/assembler.ts'
import { reachedScopes, type ScopedEdge } from '../parts/reached-scopes.ts'
import { DOCUMENT_ID, NOASSERTION, NONE, SOME_UNKNOWN } from './model.ts'

/** Where the first element needs, or contains, the second. */
const FORWARD = new Set(['DEPENDS_ON', 'CONTAINS', 'HAS_PREREQUISITE', 'STATIC_LINK', 'DYNAMIC_LINK'])
/** Where the second element needs, or contains, the first; with the scope of the first where one is said. */
const BACKWARD = new Map<string, Scope | undefined>([
  ['DEPENDENCY_OF', undefined],
  ['CONTAINED_BY', undefined],
  ['PREREQUISITE_FOR', undefined],
  ['RUNTIME_DEPENDENCY_OF', 'required'],
  ['PROVIDED_DEPENDENCY_OF', undefined],
  ['OPTIONAL_DEPENDENCY_OF', 'optional'],
  ['DEV_DEPENDENCY_OF', 'dev'],
  ['TEST_DEPENDENCY_OF', 'dev'],
  ['BUILD_DEPENDENCY_OF', 'dev'],
  ['DEV_TOOL_OF', 'dev'],
  ['TEST_TOOL_OF', 'dev'],
  ['BUILD_TOOL_OF', 'dev'],
])
/**
 * By SPDX identifier.
 * @param isOurs scopes stand beside the edges, and are those of the components themselves
 */
export function scopesIn(root: unknown, isOurs: boolean): ReadonlyMap<string, Scope> {
  const edges = tables(field(root, 'relationships')).flatMap((item): ScopedEdge[] => {
    const [from, to] = [string(item.spdxElementId), string(item.relatedSpdxElement)]
    const type = string(item.relationshipType) ?? ''
    if (from === undefined || to === undefined) return []
    if (BACKWARD.has(type)) return [[to, from, BACKWARD.get(type) ?? 'required']]
    return FORWARD.has(type) && !isOurs ? [[from, to, 'required']] : []
  })
  if (edges.every(([, , scope]) => scope === 'required')) return new Map()
  return reachedScopes(isOurs ? [] : describedIn(root), edges)
}

/** Identifiers of what the document is about, without repetition. */
export function describedIn(root: unknown): readonly string[] {
  const described = new Set(strings(field(root, 'documentDescribes')))
  for (const item of tables(field(root, 'relationships'))) {
    const [from, type, to] = [
      string(item.spdxElementId),
      item.relationshipType,
      string(item.relatedSpdxElement),
    ]
    if (type === 'DESCRIBES' && from === DOCUMENT_ID && to !== undefined) described.add(to)
    if (type === 'DESCRIBED_BY' && to === DOCUMENT_ID && from !== undefined) described.add(from)
  }
  return [...described]
}

/** @param isOurs scopes stand beside the edges and are none themselves */
export function addRelationships(root: unknown, bom: Assembler, locate: Locate, isOurs: boolean): void {
  for (const [at, item] of array(field(root, 'relationships')).entries()) {
    const place = locate(`/relationships/${at}`)
    const [from, to] = [string(field(item, 'spdxElementId')), string(field(item, 'relatedSpdxElement'))]
    const type = string(field(item, 'relationshipType')) ?? ''
    if (from === undefined || to === undefined) {
      bom.defect('bad-value', 'a relationship lacks one of its ends', place)
      continue
    }
    if (to === NONE || to === NOASSERTION) {
      if (type === 'DEPENDS_ON') addCompleteness(from, to, string(field(item, 'comment')), bom)
      continue
    }
    // Elements of other documents cannot be looked for.
    if (from.startsWith('DocumentRef-') || to.startsWith('DocumentRef-')) continue
    const isThere = [from, to].map((id) => bom.refer(id, place)).every(Boolean)
    if (!isThere || !bom.isComponent(from) || !bom.isComponent(to)) continue
    if (FORWARD.has(type)) bom.depend(from, to)
    else if (BACKWARD.has(type) && !(isOurs && BACKWARD.get(type) !== undefined)) bom.depend(to, from)
  }
}

function addCompleteness(id: string, word: string, comment: string | undefined, bom: Assembler): void {
  if (word === NONE) bom.complete(id, 'complete')
  else bom.complete(id, comment === SOME_UNKNOWN ? 'incomplete' : 'unknown')
}
