/** What one SPDX 3 package says in the terms of a bill of materials. */
import type { Hash, Party, SourceCode } from '../../bom/index.ts'
import { array, field, string, strings, tables } from '../../readers/parse/shape.ts'
import type { NativeFields } from '../parts/component-fields.ts'
import { parseOccurrences } from '../parts/texts/occurrence-text.ts'
import { algorithmOf, typeOf } from './vocabulary.ts'

/** The element that a value names, or is. */
export type Resolve = (value: unknown) => unknown

/** Licenses, scope and the package URL are not here: they need the document. */
export function packageFields(item: unknown, resolve: Resolve): NativeFields {
  const cpes = [...identifiers(item, 'cpe23'), ...identifiers(item, 'cpe22')]
  const hashes = hashesOf(item)
  const vcs = references(item, 'vcs')[0]
  const sourceInfo = string(field(item, 'software_sourceInfo'))
  return {
    type: typeOf(string(field(item, 'software_primaryPurpose'))) ?? 'library',
    name: string(field(item, 'name')),
    version: string(field(item, 'software_packageVersion')),
    cpes: cpes.length === 0 ? undefined : cpes,
    hashes: hashes.length === 0 ? undefined : hashes,
    downloadUrl: string(field(item, 'software_downloadLocation')),
    source: vcs === undefined ? undefined : sourceOf(vcs),
    homepage: string(field(item, 'software_homePage')),
    description: string(field(item, 'description')) ?? string(field(item, 'summary')),
    supplier: partyOf(resolve(field(item, 'suppliedBy'))),
    author: partyOf(resolve(array(field(item, 'originatedBy'))[0])),
    copyright: string(field(item, 'software_copyrightText')),
    occurrences: sourceInfo === undefined ? undefined : parseOccurrences(sourceInfo),
  }
}

/** Undefined for software and for those without a name. */
export function partyOf(agent: unknown): Party | undefined {
  const type = field(agent, 'type')
  const name = string(field(agent, 'name'))
  if (name === undefined || (type !== 'Person' && type !== 'Organization')) return undefined
  const email = identifiers(agent, 'email')[0]
  const url = references(agent, 'altWebPage')[0]
  return {
    kind: type === 'Person' ? 'person' : 'organization',
    name,
    ...(email === undefined ? {} : { email }),
    ...(url === undefined ? {} : { url }),
  }
}

/** The package URL has a field of its own and is one of the external identifiers too. */
export function purlOf(item: unknown): string | undefined {
  return string(field(item, 'software_packageUrl')) ?? identifiers(item, 'packageUrl')[0]
}

/** A revision follows the last `@` of a path, as in the addresses of SPDX 2.3 §7.7.1. */
export function vcsLocator({ url, revision }: SourceCode): string {
  return revision === undefined ? url : `${url}@${revision}`
}

function sourceOf(locator: string): SourceCode {
  const [, url = locator, revision] =
    /^([a-z][a-z0-9+.-]*:\/\/(?:[^/@]*@)?[^@]*)@([^@]+)$/i.exec(locator) ?? []
  return { url, ...(revision === undefined ? {} : { revision }) }
}

function identifiers(item: unknown, type: string): readonly string[] {
  return tables(field(item, 'externalIdentifier')).flatMap((each) =>
    field(each, 'externalIdentifierType') === type ? strings([field(each, 'identifier')]) : [],
  )
}

function references(item: unknown, type: string): readonly string[] {
  return tables(field(item, 'externalRef')).flatMap((each) =>
    field(each, 'externalRefType') === type ? strings(field(each, 'locator')) : [],
  )
}

function hashesOf(item: unknown): readonly Hash[] {
  return tables(field(item, 'verifiedUsing')).flatMap((each) => {
    const algorithm = algorithmOf(string(each.algorithm) ?? '')
    const value = string(each.hashValue)
    return algorithm === undefined || value === undefined ? [] : [{ algorithm, value: value.toLowerCase() }]
  })
}
