/** Makes one inventory of several. */
import { AivError } from '../../core/index.ts'
import {
  type Bom,
  type BomDocument,
  type Completeness,
  type Component,
  type Dependencies,
  type ExtractedLicense,
  LIFECYCLES,
  type Tool,
} from '../bom/index.ts'
import { combineComponents, type MergeConflict } from './combine-components.ts'
import { partyFrom, partyText } from './compared-texts.ts'
import { mergedRefs, projectRef } from './identity.ts'
import { withDistinctLicenses } from './license-refs.ts'

export interface MergeOptions {
  /** Of a new component that depends on what the documents are about; without it, one is made only if they differ. */
  readonly name?: string | undefined
  readonly version?: string | undefined
  /** Besides those that made the documents. */
  readonly tools?: readonly Tool[] | undefined
  /** RFC 3339, UTC, whole seconds; default the newest time of the documents. */
  readonly created?: string | undefined
}

export interface Merged {
  readonly bom: Bom
  readonly conflicts: readonly MergeConflict[]
}

/** Stands for no software of its own: a later merge looks through it. */
const UNNAMED = 'merged:'

type Group = [Component, ...Component[]]

/**
 * The same whatever the order of the documents, and whether they come at once or one after the other; a document
 * merged with itself adds nothing.
 * @param boms at least one
 * @throws AivError `E_USAGE` without any
 */
export function mergeBoms(boms: readonly Bom[], options: MergeOptions = {}): Merged {
  if (boms.length === 0) throw new AivError('E_USAGE', 'there is nothing to merge')
  const groups = new Map<string, Group>()
  const graph = new MergedGraph()
  const primaries = new Set<string>()
  for (const bom of boms.map(withDistinctLicenses)) {
    const refs = mergedRefs(bom)
    for (const component of bom.components) {
      const ref = refs.get(component.ref) ?? component.ref
      if (ref === UNNAMED) continue
      const group = groups.get(ref)
      if (group === undefined) groups.set(ref, [component])
      else group.push(component)
    }
    graph.add(bom, refs)
    for (const ref of primariesOf(bom, refs)) primaries.add(ref)
  }
  const combined = [...groups].map(([ref, group]) => combineComponents(ref, group))
  const top = topOf([...primaries].sort(), options)
  const sorted = new Map(combined.map(({ component }) => [component.ref, component]))
  if (top.component !== undefined) {
    if (!sorted.has(top.component.ref)) sorted.set(top.component.ref, top.component)
    graph.top(top.component.ref, [...primaries])
  }
  return {
    bom: {
      document: documentOf(boms, top.name, options),
      primary: top.primary,
      components: [...sorted.values()].sort(byRef),
      dependencies: graph.dependencies([...sorted.keys()]),
      extractedLicenses: extractedOf(boms),
    },
    conflicts: combined
      .flatMap(({ conflicts }) => conflicts)
      .sort((a, b) => (a.ref < b.ref ? -1 : Number(a.ref > b.ref))),
  }
}

function primariesOf(bom: Bom, refs: ReadonlyMap<string, string>): readonly string[] {
  if (bom.primary === undefined) return []
  const ref = refs.get(bom.primary)
  if (ref === undefined) return []
  if (ref !== UNNAMED) return [ref]
  return (bom.dependencies.get(bom.primary)?.on ?? []).map((to) => refs.get(to) ?? to)
}

interface Top {
  readonly primary: string | undefined
  /** A new one. */
  readonly component?: Component
  readonly name: string | undefined
}

function topOf(primaries: readonly string[], { name, version }: MergeOptions): Top {
  if (name === undefined && primaries.length < 2) return { primary: primaries[0], name: undefined }
  const base = { type: 'application', origin: 'workspace', scope: 'required' } as const
  if (name === undefined) {
    return { primary: UNNAMED, component: { ...base, ref: UNNAMED, name: 'merged' }, name: 'merged' }
  }
  const ref = projectRef(name, version)
  return { primary: ref, component: { ...base, ref, name, version }, name }
}

function documentOf(boms: readonly Bom[], name: string | undefined, options: MergeOptions): BomDocument {
  const documents = boms.map(({ document }) => document)
  const tools = [...documents.flatMap((document) => document.tools), ...(options.tools ?? [])]
  return {
    name: name ?? same(documents.map((document) => document.name)) ?? 'merged',
    created:
      options.created ??
      documents
        .map(({ created }) => created)
        .filter((time) => time !== undefined)
        .sort()
        .at(-1),
    authors: distinctBy(
      documents.flatMap(({ authors }) => authors),
      (author) => partyText(author) ?? '',
    ),
    tools: distinctBy(tools, ({ name: tool, version, vendor }) =>
      JSON.stringify([tool, version ?? '', vendor ?? '']),
    ),
    supplier: sameParty(documents),
    lifecycles: LIFECYCLES.filter((phase) => documents.some(({ lifecycles }) => lifecycles.includes(phase))),
    dataLicense: same(documents.map(({ dataLicense }) => dataLicense)),
  }
}

function sameParty(documents: readonly BomDocument[]): BomDocument['supplier'] {
  const text = same(documents.map(({ supplier }) => partyText(supplier)))
  return text === undefined ? undefined : partyFrom(text)
}

/** The value that all have, so that nothing is said for one document that only another one says. */
function same(values: readonly (string | undefined)[]): string | undefined {
  return values.every((value) => value === values[0]) ? values[0] : undefined
}

function distinctBy<T>(items: readonly T[], key: (item: T) => string): readonly T[] {
  const all = new Map(items.map((item) => [key(item), item]))
  return [...all].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
}

function extractedOf(boms: readonly Bom[]): readonly ExtractedLicense[] {
  const all = boms.map(withDistinctLicenses).flatMap(({ extractedLicenses }) => extractedLicenses)
  const named = new Map<string, ExtractedLicense>()
  for (const license of all) {
    const known = named.get(license.id)
    if (known === undefined || (license.name ?? '') > (known.name ?? '')) named.set(license.id, license)
  }
  return [...named.values()].sort((a, b) => (a.id < b.id ? -1 : 1))
}

const RANK: Readonly<Record<Completeness, number>> = { complete: 0, incomplete: 1, unknown: 2 }

class MergedGraph {
  readonly #edges = new Map<string, Set<string>>()
  readonly #known = new Map<string, Completeness>()

  /** One document that knows all dependencies of a component is enough. */
  add(bom: Bom, refs: ReadonlyMap<string, string>): void {
    for (const { ref: old } of bom.components) {
      const ref = refs.get(old) ?? old
      const { on = [], completeness = 'unknown' } = bom.dependencies.get(old) ?? {}
      const known = this.#known.get(ref)
      if (known === undefined || RANK[completeness] < RANK[known]) this.#known.set(ref, completeness)
      const edges = this.#edges.get(ref) ?? new Set()
      for (const to of on) edges.add(refs.get(to) ?? to)
      edges.delete(ref)
      this.#edges.set(ref, edges)
    }
  }

  /** What was merged is all that the new component has. */
  top(ref: string, on: readonly string[]): void {
    const own = this.#edges.get(ref) ?? []
    this.#edges.set(ref, new Set([...own, ...on].filter((to) => to !== ref)))
    this.#known.set(ref, 'complete')
  }

  dependencies(refs: readonly string[]): ReadonlyMap<string, Dependencies> {
    return new Map(
      refs
        .toSorted()
        .map((ref) => [
          ref,
          { on: [...(this.#edges.get(ref) ?? [])].sort(), completeness: this.#known.get(ref) ?? 'unknown' },
        ]),
    )
  }
}

function byRef(a: Component, b: Component): number {
  return a.ref < b.ref ? -1 : Number(a.ref > b.ref)
}
