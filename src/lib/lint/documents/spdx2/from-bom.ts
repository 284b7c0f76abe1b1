/** A bill of materials as an SPDX 2.3 document (JSON and tag-value write the same parts). */
import type { Bom, Component, Scope } from '../../bom/index.ts'
import { flat, flatComponent } from '../parts/component-fields.ts'
import { flatDocument } from '../parts/document-fields.ts'
import { elementIds, namedByPurl, slug } from '../parts/element-ids.ts'
import { extrasOf, OUR_FORMAT, ownProperties, unsaid } from '../parts/extras.ts'
import { formatExtras } from '../parts/texts/extras-text.ts'
import { formatOccurrences } from '../parts/texts/occurrence-text.ts'
import { ANONYMOUS, formatParty, oneLine, plainText } from '../parts/texts/party.ts'
import { UNKNOWN_TIME, UNKNOWN_TIME_COMMENT, wholeSeconds } from '../parts/texts/time.ts'
import { formatTool } from '../parts/texts/tools.ts'
import { absoluteUri } from '../parts/texts/uri.ts'
import { contentUuid } from '../parts/texts/uuid.ts'
import { documentFields } from './document-fields.ts'
import { LicensePool } from './licenses.ts'
import {
  DATA_LICENSE,
  DOCUMENT_ID,
  NOASSERTION,
  type SpdxAnnotation,
  type SpdxDocument,
  type SpdxExternalRef,
  type SpdxPackage,
} from './model.ts'
import { packageFields, vcsLocation } from './package-fields.ts'
import { relatedScope, relationshipsOf } from './relationships.ts'
import { spdxAlgorithm, spdxPurpose } from './vocabulary.ts'

/** The folder that SPDX keeps for documents whose makers have no site of their own (SPDX 2.3 §6.5). */
const NAMESPACES = 'https://spdx.org/spdxdocs'

export function spdxDocument(bom: Bom): SpdxDocument {
  const { document } = bom
  const ids = new Map([...elementIds(bom.components)].map(([ref, id]) => [ref, `SPDXRef-${id}`]))
  const licenses = new LicensePool(bom.extractedLicenses)
  const time = wholeSeconds(document.created)
  const created = time ?? UNKNOWN_TIME
  const named = namedByPurl(bom.components)
  const packages = bom.components.map((component) =>
    spdxPackage(component, {
      id: ids.get(component.ref) as string,
      created,
      scope: relatedScope(bom, component),
      licenses,
      isNamedByPurl: named.has(component.ref),
    }),
  )
  const creators = [...document.authors.map(formatParty), ...document.tools.map(formatTool)]
  const parts = {
    dataLicense: DATA_LICENSE,
    SPDXID: DOCUMENT_ID,
    // SPDX demands one (§6.4); foreign documents may have none.
    name: oneLine(document.name) || 'unnamed',
    ...(document.comment === undefined ? {} : { comment: plainText(document.comment) }),
    creationInfo: {
      created,
      creators: creators.length === 0 ? [`Person: ${ANONYMOUS}`] : creators,
      ...(time === undefined ? { comment: UNKNOWN_TIME_COMMENT } : {}),
    },
  }
  const extracted = licenses.all()
  const body = {
    annotations: [
      annotation(created, {
        ...OUR_FORMAT,
        ...extrasOf(
          flatDocument({
            ...document,
            dataLicense: document.dataLicense ?? DATA_LICENSE,
            extractedLicenses: bom.extractedLicenses.length === 0 ? undefined : bom.extractedLicenses,
          }),
          documentFields({ ...parts, hasExtractedLicensingInfos: extracted }),
        ),
      }),
    ],
    packages,
    ...(extracted.length === 0 ? {} : { hasExtractedLicensingInfos: extracted }),
    relationships: relationshipsOf(bom, ids),
  }
  return {
    spdxVersion: 'SPDX-2.3',
    ...parts,
    documentNamespace: namespaceOf(bom, JSON.stringify([parts, body])),
    ...body,
  }
}

interface PackageContext {
  readonly id: string
  readonly created: string
  /** That a relationship says. */
  readonly scope: Scope
  readonly licenses: LicensePool
  readonly isNamedByPurl: boolean
}

function spdxPackage(component: Component, context: PackageContext): SpdxPackage {
  const { licenses } = component
  const download = component.downloadUrl === undefined ? undefined : absoluteUri(component.downloadUrl)
  const vcs = component.source === undefined ? undefined : absoluteUri(vcsLocation(component.source))
  const homepage = component.homepage === undefined ? undefined : absoluteUri(component.homepage)
  const location = download ?? (isPlace(component) ? vcs : undefined)
  const refs = externalRefsOf(component, location === vcs ? undefined : vcs)
  const checksums = (component.hashes ?? []).map(({ algorithm, value }) => ({
    algorithm: spdxAlgorithm(algorithm),
    checksumValue: value,
  }))
  const sourceInfo = formatOccurrences(component.occurrences)
  const evidence = (licenses?.evidence ?? []).map(
    ({ path, license, similarity }) =>
      `The text of ${license} stands in ${path} (${(similarity * 100).toFixed(1)} %).`,
  )
  const item: SpdxPackage = {
    SPDXID: context.id,
    name: oneLine(component.name),
    ...(component.version === undefined ? {} : { versionInfo: oneLine(component.version) }),
    primaryPackagePurpose: spdxPurpose(component.type),
    ...(component.supplier === undefined ? {} : { supplier: formatParty(component.supplier) }),
    ...(component.author === undefined ? {} : { originator: formatParty(component.author) }),
    downloadLocation: location ?? NOASSERTION,
    filesAnalyzed: false,
    ...(checksums.length === 0 ? {} : { checksums }),
    ...(homepage === undefined ? {} : { homepage }),
    ...(sourceInfo === undefined ? {} : { sourceInfo }),
    licenseConcluded: context.licenses.field(licenses?.concluded),
    licenseDeclared: context.licenses.field(licenses?.declared),
    ...(evidence.length === 0 ? {} : { licenseComments: evidence.join('\n') }),
    copyrightText: plainText(component.copyright ?? NOASSERTION),
    ...(component.description === undefined ? {} : { description: plainText(component.description) }),
    ...(refs.length === 0 ? {} : { externalRefs: refs }),
  }
  const extras = extrasOf(
    { ...flatComponent(component), ref: context.isNamedByPurl ? undefined : component.ref },
    flat({
      ...packageFields(item, (id) => context.licenses.get(id)),
      ...unsaid(true),
      purl: component.purl,
      scope: context.scope,
    }),
  )
  const texts = { ...ownProperties(component), ...extras }
  return Object.keys(texts).length === 0
    ? item
    : { ...item, annotations: [annotation(context.created, texts)] }
}

/**
 * Where a registry's package is developed is not where its archive was loaded from, and checksums are of what lies at
 * the download location.
 */
function isPlace({ origin, source, hashes = [] }: Component): boolean {
  return hashes.length === 0 && (origin !== 'registry' || source?.revision !== undefined)
}

function externalRefsOf({ purl, cpes }: Component, vcs: string | undefined): readonly SpdxExternalRef[] {
  const reference = (category: string, type: string, locator: string): SpdxExternalRef => ({
    referenceCategory: category,
    referenceType: type,
    referenceLocator: locator,
  })
  return [
    ...(cpes ?? []).flatMap((cpe) => {
      const type = /^cpe:2\.3:\S+$/.test(cpe)
        ? 'cpe23Type'
        : /^cpe:\/\S+$/.test(cpe)
          ? 'cpe22Type'
          : undefined
      return type === undefined ? [] : [reference('SECURITY', type, cpe)]
    }),
    ...(purl === undefined ? [] : [reference('PACKAGE-MANAGER', 'purl', purl)]),
    ...(vcs === undefined ? [] : [reference('OTHER', 'vcs', vcs)]),
  ]
}

function annotation(created: string, texts: Readonly<Record<string, string>>): SpdxAnnotation {
  return {
    annotationDate: created,
    annotationType: 'OTHER',
    annotator: 'Tool: aiv',
    comment: formatExtras(texts),
  }
}

function namespaceOf({ document }: Bom, content: string): string {
  const given = document.namespace === undefined ? undefined : absoluteUri(document.namespace)
  if (given !== undefined && given === document.namespace && !given.includes('#')) return given
  const name = slug(document.name) || 'document'
  return `${NAMESPACES}/${name}-${contentUuid(`${NAMESPACES}/${name}`, content)}`
}
