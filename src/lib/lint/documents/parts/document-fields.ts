/** What a document says of itself, as flat fields, and back again with every field checked. */
import { type BomDocument, type ExtractedLicense, LIFECYCLES, type Tool } from '../../bom/index.ts'
import { field, string } from '../../readers/parse/shape.ts'
import { oneOf, partyFrom, someOf, textsOf } from './component-fields.ts'
import type { Flat } from './extras.ts'

/** `namespace` is none of these: it belongs to one document in one format. */
const FIELDS = [
  'name',
  'created',
  'authors',
  'tools',
  'supplier',
  'lifecycles',
  'dataLicense',
  'comment',
  'extractedLicenses',
] as const
export type NativeDocument = { readonly [key in (typeof FIELDS)[number]]?: unknown }

export function flatDocument(fields: NativeDocument): Flat {
  return Object.fromEntries(FIELDS.map((key) => [key, fields[key]]))
}

export function documentFrom(fields: Flat, namespace: string | undefined): BomDocument {
  const supplier = partyFrom(fields.supplier)
  return {
    name: '',
    ...textsOf(fields, ['name', 'created', 'dataLicense', 'comment']),
    authors: someOf(fields.authors, partyFrom) ?? [],
    tools: someOf(fields.tools, toolFrom) ?? [],
    lifecycles: someOf(fields.lifecycles, (item) => oneOf(LIFECYCLES, item)) ?? [],
    ...(supplier === undefined ? {} : { supplier }),
    ...(namespace === undefined ? {} : { namespace }),
  }
}

/** Sorted by identifier. */
export function extractedLicensesFrom(fields: Flat): readonly ExtractedLicense[] {
  const licenses = someOf(fields.extractedLicenses, (item): ExtractedLicense | undefined => {
    const { id, text, name } = textsOf(item, ['id', 'text', 'name'])
    if (id === undefined || text === undefined) return undefined
    return { id, ...(name === undefined ? {} : { name }), text }
  })
  return [...(licenses ?? [])].sort((a, b) => (a.id < b.id ? -1 : 1))
}

function toolFrom(value: unknown): Tool | undefined {
  const name = string(field(value, 'name'))
  return name === undefined ? undefined : { name, ...textsOf(value, ['version', 'vendor']) }
}
