/** One component of a bill of materials as the elements that SPDX 3.0.1 has for it. */
import type { Component, Scope } from '../../bom/index.ts'
import { flat, flatComponent } from '../parts/component-fields.ts'
import { extrasOf, ownProperties, unsaid } from '../parts/extras.ts'
import { formatExtras } from '../parts/texts/extras-text.ts'
import { formatOccurrences } from '../parts/texts/occurrence-text.ts'
import { absoluteUri } from '../parts/texts/uri.ts'
import type { Graph } from './graph.ts'
import { licenseText } from './license-text.ts'
import { packageFields, vcsLocator } from './package-fields.ts'
import { spdx3Algorithm, spdx3Purpose } from './vocabulary.ts'

interface PackageContext {
  /** Local name of the element. */
  readonly name: string
  /** That relationships say. */
  readonly scope: Scope
  readonly isNamedByPurl: boolean
}

/** Adds the package, who made it, its licenses and what has no field. */
export function addPackage(
  graph: Graph,
  component: Component,
  { name, scope, isNamedByPurl }: PackageContext,
): void {
  const { licenses, supplier, author } = component
  const resolve = (value: unknown): unknown => (typeof value === 'string' ? graph.get(value) : value)
  const id = graph.add('software_Package', name, {
    ...packageParts(component),
    ...(supplier === undefined ? {} : { suppliedBy: graph.agent(supplier) }),
    ...(author === undefined ? {} : { originatedBy: [graph.agent(author)] }),
  })
  const declared = addLicense(graph, name, 'hasDeclaredLicense', licenses?.declared)
  const concluded = addLicense(graph, name, 'hasConcludedLicense', licenses?.concluded)
  const extras = extrasOf(
    { ...flatComponent(component), ref: isNamedByPurl ? undefined : component.ref },
    flat({
      ...packageFields(graph.get(id), resolve),
      ...unsaid(true),
      purl: component.purl,
      scope,
      declared: licenseText(declared, resolve),
      concluded: licenseText(concluded, resolve),
    }),
  )
  const texts = { ...ownProperties(component), ...extras }
  if (Object.keys(texts).length === 0) return
  graph.add('Annotation', `${name}.extras`, {
    annotationType: 'other',
    contentType: 'text/plain',
    statement: formatExtras(texts),
    subject: id,
  })
}

function packageParts(component: Component): Readonly<Record<string, unknown>> {
  const {
    version,
    purl,
    description,
    copyright,
    downloadUrl,
    homepage,
    source,
    occurrences,
    hashes = [],
  } = component
  const download = downloadUrl === undefined ? undefined : absoluteUri(downloadUrl)
  const page = homepage === undefined ? undefined : absoluteUri(homepage)
  const vcs = source === undefined ? undefined : absoluteUri(vcsLocator(source))
  const sourceInfo = formatOccurrences(occurrences)
  const identifiers = identifiersOf(component)
  return {
    name: component.name,
    ...(description === undefined ? {} : { description }),
    ...(identifiers.length === 0 ? {} : { externalIdentifier: identifiers }),
    ...(vcs === undefined
      ? {}
      : { externalRef: [{ type: 'ExternalRef', externalRefType: 'vcs', locator: [vcs] }] }),
    ...(hashes.length === 0
      ? {}
      : {
          verifiedUsing: hashes.map(({ algorithm, value }) => ({
            type: 'Hash',
            algorithm: spdx3Algorithm(algorithm),
            hashValue: value,
          })),
        }),
    ...(copyright === undefined ? {} : { software_copyrightText: copyright }),
    ...(download === undefined ? {} : { software_downloadLocation: download }),
    ...(page === undefined ? {} : { software_homePage: page }),
    ...(purl === undefined ? {} : { software_packageUrl: purl }),
    ...(version === undefined ? {} : { software_packageVersion: version }),
    software_primaryPurpose: spdx3Purpose(component.type),
    ...(sourceInfo === undefined ? {} : { software_sourceInfo: sourceInfo }),
  }
}

function identifiersOf({ purl, cpes = [] }: Component): readonly unknown[] {
  const identifier = (externalIdentifierType: string, text: string): unknown => ({
    type: 'ExternalIdentifier',
    externalIdentifierType,
    identifier: text,
  })
  return [
    ...cpes.flatMap((cpe) => {
      const type = cpe.startsWith('cpe:2.3:') ? 'cpe23' : cpe.startsWith('cpe:/') ? 'cpe22' : undefined
      return type === undefined ? [] : [identifier(type, cpe)]
    }),
    ...(purl === undefined ? [] : [identifier('packageUrl', purl)]),
  ]
}

/** @returns the identifier of the license */
function addLicense(
  graph: Graph,
  name: string,
  relationshipType: string,
  text: string | undefined,
): string | undefined {
  if (text === undefined || text.trim() === '' || text === 'NOASSERTION') return undefined
  const license = text === 'NONE' ? 'expandedlicensing_NoneLicense' : graph.license(text)
  graph.add('Relationship', `${name}.${relationshipType}`, {
    from: graph.id(name),
    relationshipType,
    to: [license],
  })
  return license
}
