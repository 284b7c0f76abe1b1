/** One component of a bill of materials as CycloneDX 1.6 and 1.7 write it. */
import type { Component } from '../../bom/index.ts'
import { flat, flatComponent } from '../parts/component-fields.ts'
import { extrasOf, ownProperties, unsaid } from '../parts/extras.ts'
import { isDigest } from '../parts/hash-lengths.ts'
import { absoluteUri } from '../parts/texts/uri.ts'
import { componentFields } from './component-fields.ts'
import { type CycloneDxVersion, evidenceChoices, licenseChoices } from './licenses.ts'
import { splitName } from './names.ts'
import { contactOf, entityOf } from './parties.ts'
import { propertyList } from './properties.ts'
import { cycloneDxAlgorithm, cycloneDxScope } from './vocabulary.ts'

/** Schema: `version`. */
const MAX_VERSION = 1024
/** Schema: `hash-content`, hex digits. */
const HASH_LENGTHS: ReadonlySet<number> = new Set([32, 40, 64, 96, 128])

/** @param isNamedByPurl the package URL alone tells which component of the bill this is */
export function cycloneDxComponent(
  component: Component,
  version: CycloneDxVersion,
  isNamedByPurl: boolean,
): Readonly<Record<string, unknown>> {
  const { purl, supplier, author, copyright, description, licenses = {} } = component
  const hashes = (component.hashes ?? []).flatMap(({ algorithm, value }) => {
    const alg = cycloneDxAlgorithm(algorithm)
    return alg === undefined || !isDigest(algorithm, value) || !HASH_LENGTHS.has(value.length)
      ? []
      : [{ alg, content: value }]
  })
  const choices = licenseChoices(licenses, version)
  const evidence = evidenceOf(component)
  const references = externalReferences(component)
  const item = {
    type: component.type,
    'bom-ref': component.ref,
    ...(supplier === undefined ? {} : { supplier: entityOf(supplier) }),
    ...(author?.kind === 'organization' ? { manufacturer: entityOf(author) } : {}),
    ...(author?.kind === 'person' ? { authors: [contactOf(author)] } : {}),
    ...splitName(component.name, purl),
    ...((component.version?.length ?? MAX_VERSION + 1) > MAX_VERSION ? {} : { version: component.version }),
    ...(description === undefined ? {} : { description }),
    scope: cycloneDxScope(component.scope),
    ...(hashes.length === 0 ? {} : { hashes }),
    ...(choices.length === 0 ? {} : { licenses: choices }),
    ...(copyright === undefined ? {} : { copyright }),
    ...(component.cpes?.[0] === undefined ? {} : { cpe: component.cpes[0] }),
    ...(purl === undefined ? {} : { purl }),
    ...(references.length === 0 ? {} : { externalReferences: references }),
    ...(evidence === undefined ? {} : { evidence }),
  }
  const texts = { ...ownProperties(component), ...extras(component, item, isNamedByPurl) }
  return Object.keys(texts).length === 0 ? item : { ...item, properties: propertyList(texts) }
}

function extras(
  component: Component,
  item: unknown,
  isNamedByPurl: boolean,
): Readonly<Record<string, string>> {
  // Readers take the reference of the document where there is no package URL that tells components apart.
  const isPlain = isNamedByPurl || component.purl === undefined || component.ref.startsWith('path:')
  return extrasOf(
    { ...flatComponent(component), ref: isPlain ? undefined : component.ref },
    flat({ ...componentFields(item), ...unsaid(true), purl: component.purl }),
  )
}

function externalReferences({ downloadUrl, source, homepage }: Component): readonly unknown[] {
  const distribution = downloadUrl === undefined ? undefined : absoluteUri(downloadUrl)
  const vcs = source === undefined ? undefined : absoluteUri(source.url)
  const website = homepage === undefined ? undefined : absoluteUri(homepage)
  return [
    ...(distribution === undefined ? [] : [{ type: 'distribution', url: distribution }]),
    ...(vcs === undefined
      ? []
      : [
          {
            type: 'vcs',
            url: vcs,
            ...(source?.revision === undefined ? {} : { comment: `revision ${source.revision}` }),
          },
        ]),
    ...(website === undefined ? [] : [{ type: 'website', url: website }]),
  ]
}

function evidenceOf({ occurrences = [], licenses }: Component): unknown {
  const found = evidenceChoices(licenses?.evidence ?? [])
  if (occurrences.length === 0 && found.length === 0) return undefined
  return {
    ...(occurrences.length === 0
      ? {}
      : {
          occurrences: occurrences.map(({ path, line }) => ({
            location: path,
            ...(line === undefined ? {} : { line }),
          })),
        }),
    ...(found.length === 0 ? {} : { licenses: found }),
  }
}
