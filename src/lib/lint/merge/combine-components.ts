/** One component of several that are the same. The order in which they come makes no difference. */
import {
  COMPONENT_TYPES,
  type Component,
  type Hash,
  type LicenseEvidence,
  type Occurrence,
  ORIGINS,
  SCOPES,
} from '../bom/index.ts'
import { partyFrom, partyText, sourceFrom, sourceText, textsFrom } from './compared-texts.ts'

/** What two documents may say differently of one component, so that somebody should look. */
export interface MergeConflict {
  readonly ref: string
  readonly field:
    | 'version'
    | 'declared license'
    | 'concluded license'
    | 'supplier'
    | 'author'
    | 'source'
    | 'hash'
  /** Sorted; the first is kept in its place. */
  readonly values: readonly string[]
}

type Choose = (
  field: MergeConflict['field'],
  of: (component: Component) => string | undefined,
  isValue?: (kept: string) => boolean,
) => string | undefined

/** Values that were not kept in their place, as JSON, so that a later merge knows of them. */
const OTHERS = 'aiv:merge:others:'

/**
 * Of texts that differ the first in code point order is kept, and the others in properties; of scopes, types and
 * origins the strongest; of lists all. So merging is commutative, associative and idempotent.
 * @param components of one identity, at least one
 */
export function combineComponents(
  ref: string,
  components: readonly [Component, ...Component[]],
): { readonly component: Component; readonly conflicts: readonly MergeConflict[] } {
  const conflicts: MergeConflict[] = []
  const others = new Map<string, string>()
  const choose: Choose = (field, of, isValue = () => true) => {
    const kept = components.flatMap(({ properties }) => textsFrom(properties?.[`${OTHERS}${field}`]))
    const all = distinct([...components.map(of), ...kept.filter(isValue)])
    if (all.length > 1) {
      conflicts.push({ ref, field, values: all })
      others.set(`${OTHERS}${field}`, JSON.stringify(all.slice(1)))
    }
    return all[0]
  }
  const [supplier, author] = (['supplier', 'author'] as const).map((field) => {
    const text = choose(
      field,
      (item) => partyText(item[field]),
      (kept) => partyFrom(kept) !== undefined,
    )
    return text === undefined ? undefined : partyFrom(text)
  })
  const source = choose(
    'source',
    (item) => sourceText(item.source),
    (kept) => sourceFrom(kept) !== undefined,
  )
  const hashes = hashesOf(components)
  const component: Component = {
    ref,
    type: strongest(
      COMPONENT_TYPES,
      components.map(({ type }) => type),
    ),
    name: distinct(components.map(({ name }) => name))[0] ?? '',
    version: choose('version', ({ version }) => version),
    purl: distinct(components.map(({ purl }) => purl))[0],
    cpes: listOf(components.flatMap(({ cpes = [] }) => cpes)),
    origin: strongest(
      ORIGINS,
      components.map(({ origin }) => origin),
    ),
    scope: strongest(
      SCOPES,
      components.map(({ scope }) => scope),
    ),
    hashes: hashes.length === 0 ? undefined : hashes,
    downloadUrl: distinct(components.map(({ downloadUrl }) => downloadUrl))[0],
    source: source === undefined ? undefined : sourceFrom(source),
    homepage: distinct(components.map(({ homepage }) => homepage))[0],
    description: distinct(components.map(({ description }) => description))[0],
    supplier,
    author,
    copyright: distinct(components.map(({ copyright }) => copyright))[0],
    licenses: licensesOf(components, choose),
    occurrences: occurrencesOf(components),
    properties: undefined,
  }
  for (const one of hashConflicts(ref, components)) conflicts.push(one)
  return { component: { ...component, properties: propertiesOf(components, others) }, conflicts }
}

function licensesOf(components: readonly Component[], choose: Choose): Component['licenses'] {
  const declared = choose('declared license', ({ licenses }) => licenses?.declared)
  const concluded = choose('concluded license', ({ licenses }) => licenses?.concluded)
  const texts = components.flatMap(({ licenses }) => licenses?.evidence ?? [])
  const evidence = distinct(
    texts.map(({ path, license, similarity }) => JSON.stringify([path, license, similarity])),
  )
  if (declared === undefined && concluded === undefined && evidence.length === 0) return undefined
  return {
    declared,
    concluded,
    evidence:
      evidence.length === 0
        ? undefined
        : evidence.map((text): LicenseEvidence => {
            const [path, license, similarity] = JSON.parse(text) as [string, string, number]
            return { path, license, similarity }
          }),
  }
}

function hashesOf(components: readonly Component[]): readonly Hash[] {
  const texts = distinct(components.flatMap(({ hashes = [] }) => hashes.map(hashText)))
  return texts.map((text): Hash => {
    const border = text.indexOf(':')
    return { algorithm: text.slice(0, border) as Hash['algorithm'], value: text.slice(border + 1) }
  })
}

/** Several archives of one version are usual; two documents that have none in common are not. */
function hashConflicts(ref: string, components: readonly Component[]): readonly MergeConflict[] {
  const algorithms = distinct(
    components.flatMap(({ hashes = [] }) => hashes.map(({ algorithm }) => algorithm)),
  )
  return algorithms.flatMap((algorithm): readonly MergeConflict[] => {
    const sets = components
      .map(({ hashes = [] }) => hashes.filter((hash) => hash.algorithm === algorithm).map(hashText))
      .filter((set) => set.length > 0)
    const disjoint = sets.some((set) => sets.some((other) => !other.some((hash) => set.includes(hash))))
    return disjoint ? [{ ref, field: 'hash', values: distinct(sets.flat()) }] : []
  })
}

function hashText({ algorithm, value }: Hash): string {
  return `${algorithm}:${value}`
}

function occurrencesOf(components: readonly Component[]): readonly Occurrence[] | undefined {
  const all = new Map<string, Occurrence>()
  for (const { occurrences = [] } of components)
    for (const place of occurrences) all.set(`${place.path}\0${place.line ?? 0}`, place)
  if (all.size === 0) return undefined
  return [...all.values()].sort((a, b) =>
    a.path === b.path ? (a.line ?? 0) - (b.line ?? 0) : a.path < b.path ? -1 : 1,
  )
}

function propertiesOf(
  components: readonly Component[],
  others: ReadonlyMap<string, string>,
): Component['properties'] {
  const values = new Map<string, string>()
  for (const { properties } of components)
    for (const [key, value] of Object.entries(properties ?? {})) {
      const known = values.get(key)
      if (known === undefined || value < known) values.set(key, value)
    }
  for (const [key, value] of others) values.set(key, value)
  if (values.size === 0) return undefined
  return Object.fromEntries([...values].sort(([a], [b]) => (a < b ? -1 : 1)))
}

function strongest<T extends string>(order: readonly T[], values: readonly T[]): T {
  return order.find((value) => values.includes(value)) as T
}

function listOf(values: readonly string[]): readonly string[] | undefined {
  return values.length === 0 ? undefined : distinct(values)
}

function distinct<T extends string>(values: readonly (T | undefined)[]): readonly T[] {
  return [...new Set(values.filter((value) => value !== undefined))].sort()
}
