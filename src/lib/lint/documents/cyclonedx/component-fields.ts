/** What one component of a CycloneDX document (1.2 to 1.7) says, in the terms of a bill of materials. */
import type { Hash, SourceCode } from '../../bom/index.ts'
import { array, field, string, tables } from '../../readers/parse/shape.ts'
import { type NativeFields, occurrenceFrom, someOf } from '../parts/component-fields.ts'
import { licensesOf } from './licenses.ts'
import { joinName } from './names.ts'
import { organizationFrom, personFrom } from './parties.ts'
import { algorithmOf, scopeOf, typeOf } from './vocabulary.ts'

/** Says so in npm's own words, where the scope is another. */
const DEVELOPMENT = 'cdx:npm:package:development'

/** The package URL is not here: it is judged where places are known. */
export function componentFields(item: unknown): NativeFields {
  const purl = string(field(item, 'purl'))
  const cpe = string(field(item, 'cpe'))
  const { declared, concluded } = licensesOf(field(item, 'licenses'))
  return {
    type: typeOf(string(field(item, 'type'))),
    name: nameOf(item, purl),
    version: string(field(item, 'version')),
    cpes: cpe === undefined ? undefined : [cpe],
    scope: isForDevelopment(item) ? 'dev' : (scopeOf(string(field(item, 'scope'))) ?? 'required'),
    hashes: hashesOf(item),
    downloadUrl: reference(item, 'distribution')?.url,
    source: sourceOf(item),
    homepage: reference(item, 'website')?.url,
    description: string(field(item, 'description')),
    supplier: organizationFrom(field(item, 'supplier')),
    author: authorOf(item),
    copyright: string(field(item, 'copyright')),
    declared,
    concluded,
    occurrences: someOf(field(field(item, 'evidence'), 'occurrences'), (place) =>
      occurrenceFrom({ path: field(place, 'location'), line: field(place, 'line') }),
    ),
  }
}

export function nameOf(item: unknown, purl: string | undefined): string | undefined {
  const name = string(field(item, 'name'))
  return name === undefined ? undefined : joinName({ group: string(field(item, 'group')), name }, purl)
}

function isForDevelopment(item: unknown): boolean {
  return tables(field(item, 'properties')).some(({ name, value }) => name === DEVELOPMENT && value === 'true')
}

/** Before 1.6 there was one `author`, a text, and `publisher`. */
function authorOf(item: unknown): unknown {
  const person = personFrom(array(field(item, 'authors'))[0])
  const organization = organizationFrom(field(item, 'manufacturer'))
  const legacy = string(field(item, 'author')) ?? string(field(item, 'publisher'))
  return person ?? organization ?? (legacy === undefined ? undefined : { kind: 'person', name: legacy })
}

function hashesOf(item: unknown): readonly Hash[] | undefined {
  return someOf(field(item, 'hashes'), (hash) => {
    const algorithm = algorithmOf(string(field(hash, 'alg')) ?? '')
    const value = string(field(hash, 'content'))
    return algorithm === undefined || value === undefined
      ? undefined
      : { algorithm, value: value.toLowerCase() }
  })
}

function sourceOf(item: unknown): SourceCode | undefined {
  const vcs = reference(item, 'vcs')
  if (vcs === undefined) return undefined
  const [, revision] = /^revision (\S{1,200})$/.exec(vcs.comment ?? '') ?? []
  return { url: vcs.url, ...(revision === undefined ? {} : { revision }) }
}

function reference(
  item: unknown,
  type: string,
): { readonly url: string; readonly comment: string | undefined } | undefined {
  for (const each of tables(field(item, 'externalReferences'))) {
    const url = string(each.url)
    if (each.type === type && url !== undefined) return { url, comment: string(each.comment) }
  }
  return undefined
}
