/** What the fields of one SPDX 2 package say in the terms of a bill of materials. */
import type { Hash, SourceCode } from '../../bom/index.ts'
import { field, string, strings, tables } from '../../readers/parse/shape.ts'
import type { NativeFields } from '../parts/component-fields.ts'
import { parseOccurrences } from '../parts/texts/occurrence-text.ts'
import { parseParty } from '../parts/texts/party.ts'
import { licenseOf } from './licenses.ts'
import { NOASSERTION, NONE, type SpdxExtractedLicense } from './model.ts'
import { algorithmOf, typeOf } from './vocabulary.ts'

export type ExtractedById = (
  id: string,
) => Pick<SpdxExtractedLicense, 'extractedText' | 'comment'> | undefined

/** Of a package as the JSON encoding writes it. The package URL and the scope are not here: they need the document. */
export function packageFields(item: unknown, extracted: ExtractedById): NativeFields {
  const location = said(field(item, 'downloadLocation'))
  const source = vcsOf(location) ?? vcsOf(externalRefs(item, 'vcs')[0])
  const cpes = [...externalRefs(item, 'cpe23Type'), ...externalRefs(item, 'cpe22Type')]
  const hashes = hashesOf(field(item, 'checksums'))
  const sourceInfo = string(field(item, 'sourceInfo'))
  return {
    type: typeOf(string(field(item, 'primaryPackagePurpose'))),
    name: string(field(item, 'name')),
    version: string(field(item, 'versionInfo')),
    cpes: cpes.length === 0 ? undefined : cpes,
    hashes: hashes.length === 0 ? undefined : hashes,
    downloadUrl: location !== undefined && vcsOf(location) === undefined ? location : undefined,
    source,
    homepage: said(field(item, 'homepage')),
    description: string(field(item, 'description')) ?? string(field(item, 'summary')),
    supplier: parseParty(string(field(item, 'supplier')) ?? ''),
    author: parseParty(string(field(item, 'originator')) ?? ''),
    copyright: said(field(item, 'copyrightText')),
    declared: licenseOf(string(field(item, 'licenseDeclared')), extracted),
    concluded: licenseOf(string(field(item, 'licenseConcluded')), extracted),
    occurrences: sourceInfo === undefined ? undefined : parseOccurrences(sourceInfo),
  }
}

/** Locators of the references of one type. */
export function externalRefs(item: unknown, type: string): readonly string[] {
  return tables(field(item, 'externalRefs')).flatMap((ref) =>
    field(ref, 'referenceType') === type ? strings([field(ref, 'referenceLocator')]) : [],
  )
}

/** The address that SPDX gives code in version control (SPDX 2.3 §7.7.1): `git+https://host/path@revision`. */
export function vcsLocation({ url, revision }: SourceCode): string {
  const address = /^git\+/.test(url) ? url : `git+${url}`
  return revision === undefined ? address : `${address}@${revision}`
}

function vcsOf(location: string | undefined): SourceCode | undefined {
  const [, address = '', revision] =
    /^(git\+[a-z]+:\/\/(?:[^/@#]*@)?[^@#]*)(?:@([^@#]+))?$/.exec(location ?? '') ?? []
  if (address === '') return undefined
  const url = /^git\+ssh:/.test(address) ? address : address.slice('git+'.length)
  return { url, ...(revision === undefined ? {} : { revision }) }
}

function hashesOf(checksums: unknown): readonly Hash[] {
  return tables(checksums).flatMap((checksum) => {
    const algorithm = algorithmOf(string(checksum.algorithm) ?? '')
    const value = string(checksum.checksumValue)
    return algorithm === undefined || value === undefined ? [] : [{ algorithm, value: value.toLowerCase() }]
  })
}

function said(value: unknown): string | undefined {
  return value === NOASSERTION || value === NONE ? undefined : string(value)
}
