/** Components as flat fields, which formats carry one by one, and back again with every field checked. */
import {
  COMPONENT_TYPES,
  type Component,
  HASH_ALGORITHMS,
  type Hash,
  type LicenseEvidence,
  type Licenses,
  type Occurrence,
  ORIGINS,
  type Party,
  SCOPES,
  type SourceCode,
} from '../../bom/index.ts'
import { array, field, string, tables } from '../../readers/parse/shape.ts'
import type { Flat } from './extras.ts'

/** Every field of a component but `properties`; the three of `licenses` stand alone. */
const FIELDS = [
  'ref',
  'type',
  'name',
  'version',
  'purl',
  'cpes',
  'origin',
  'scope',
  'hashes',
  'downloadUrl',
  'source',
  'homepage',
  'description',
  'supplier',
  'author',
  'copyright',
  'declared',
  'concluded',
  'evidence',
  'occurrences',
] as const
export type ComponentField = (typeof FIELDS)[number]

/** What a reader found in the fields of its format. */
export type NativeFields = { readonly [key in ComponentField]?: unknown }

export function flatComponent(component: Component): Flat {
  return flat({ ...component, ...component.licenses })
}

/** With a place for every field, so that extras find it. */
export function flat(fields: NativeFields): Flat {
  return Object.fromEntries(FIELDS.map((key) => [key, fields[key]]))
}

/** Leaves out what has not the shape of its field; what must be there gets a default. */
export function componentFrom(fields: Flat, properties: Readonly<Record<string, string>>): Component {
  const optional: Partial<Record<keyof Component, unknown>> = {
    version: text(fields.version),
    purl: text(fields.purl),
    cpes: someOf(fields.cpes, text),
    hashes: someOf(fields.hashes, hashFrom),
    downloadUrl: text(fields.downloadUrl),
    source: sourceFrom(fields.source),
    homepage: text(fields.homepage),
    description: text(fields.description),
    supplier: partyFrom(fields.supplier),
    author: partyFrom(fields.author),
    copyright: text(fields.copyright),
    licenses: licensesFrom(fields),
    occurrences: someOf(fields.occurrences, occurrenceFrom),
    properties: Object.keys(properties).length === 0 ? undefined : properties,
  }
  return {
    ref: text(fields.ref) ?? '',
    type: oneOf(COMPONENT_TYPES, fields.type) ?? 'library',
    name: text(fields.name) ?? '',
    origin: oneOf(ORIGINS, fields.origin) ?? 'document',
    scope: oneOf(SCOPES, fields.scope) ?? 'required',
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
  }
}

export function partyFrom(value: unknown): Party | undefined {
  const kind = oneOf(['person', 'organization'] as const, field(value, 'kind'))
  const name = text(field(value, 'name'))
  if (kind === undefined || name === undefined) return undefined
  return { kind, name, ...textsOf(value, ['email', 'url']) }
}

/** A list of what `read` understands; undefined where there is no list, or nothing in it. */
export function someOf<T>(value: unknown, read: (item: unknown) => T | undefined): readonly T[] | undefined {
  const items = array(value).flatMap((item) => read(item) ?? [])
  return items.length === 0 ? undefined : items
}

export function oneOf<T extends string>(words: readonly T[], value: unknown): T | undefined {
  return words.find((word) => word === value)
}

/** Those fields of a table that are texts. */
export function textsOf<K extends string>(value: unknown, keys: readonly K[]): { [key in K]?: string } {
  const found: { [key in K]?: string } = {}
  for (const key of keys) {
    const item = text(field(value, key))
    if (item !== undefined) found[key] = item
  }
  return found
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function hashFrom(value: unknown): Hash | undefined {
  const algorithm = oneOf(HASH_ALGORITHMS, field(value, 'algorithm'))
  const digest = string(field(value, 'value'))
  return algorithm === undefined || digest === undefined ? undefined : { algorithm, value: digest }
}

function sourceFrom(value: unknown): SourceCode | undefined {
  const url = string(field(value, 'url'))
  return url === undefined ? undefined : { url, ...textsOf(value, ['revision']) }
}

function licensesFrom({ declared, concluded, evidence }: Flat): Licenses | undefined {
  const texts = textsOf({ declared, concluded }, ['declared', 'concluded'])
  const found = tables(evidence).flatMap((item): LicenseEvidence[] => {
    const { path, license } = textsOf(item, ['path', 'license'])
    const similarity = item.similarity
    return path === undefined || license === undefined || typeof similarity !== 'number'
      ? []
      : [{ path, license, similarity }]
  })
  if (found.length === 0 && Object.keys(texts).length === 0) return undefined
  return { ...texts, ...(found.length === 0 ? {} : { evidence: found }) }
}

export function occurrenceFrom(value: unknown): Occurrence | undefined {
  const path = text(field(value, 'path'))
  const line = field(value, 'line')
  if (path === undefined) return undefined
  return { path, ...(typeof line === 'number' && Number.isSafeInteger(line) && line > 0 ? { line } : {}) }
}
