/** A bill of materials as an SPDX 2.3 document (JSON and tag-value write the same parts). */
import { toHex, utf8 } from '../../../core/index.ts'
import { sha256 } from '../../../crypto/index.ts'
import type { Bom, Component, Scope } from '../../bom/index.ts'
import { flat, flatComponent } from '../parts/component-fields.ts'
import { flatDocument } from '../parts/document-fields.ts'
import { EXTRA, extrasOf } from '../parts/extras.ts'
import { formatOccurrences } from '../parts/occurrence-text.ts'
import { ANONYMOUS, formatParty, oneLine, plainText } from '../parts/party.ts'
import { formatTool } from '../parts/tools.ts'
import { absoluteUri } from '../parts/uri.ts'
import { contentUuid } from '../parts/uuid.ts'
import { documentFields } from './document-fields.ts'
import { LicensePool } from './licenses.ts'
import {
  DATA_LICENSE,
  DOCUMENT_ID,
  EXTRAS_MARK,
  NOASSERTION,
  type SpdxAnnotation,
  type SpdxDocument,
  type SpdxExternalRef,
  type SpdxPackage,
  UNKNOWN_TIME,
  UNKNOWN_TIME_COMMENT,
} from './model.ts'
import { packageFields, vcsLocation } from './package-fields.ts'
import { relatedScope, relationshipsOf } from './relationships.ts'
import { spdxAlgorithm, spdxPurpose } from './vocabulary.ts'

const CREATED = /^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$/
/** The folder that SPDX keeps for documents whose makers have no site of their own (SPDX 2.3 §6.5). */
const NAMESPACES = 'https://spdx.org/spdxdocs'

export function spdxDocument(bom: Bom): SpdxDocument {
  const { document } = bom
  const ids = spdxIds(bom.components)
  const licenses = new LicensePool(bom.extractedLicenses)
  const created = CREATED.test(document.created ?? '') ? (document.created as string) : UNKNOWN_TIME
  const purls = countPurls(bom.components)
  const packages = bom.components.map((component) =>
    spdxPackage(component, {
      id: ids.get(component.ref) as string,
      created,
      scope: relatedScope(bom, component),
      licenses,
      purls,
    }),
  )
  const creators = [...document.authors.map(formatParty), ...document.tools.map(formatTool)]
  const parts = {
    dataLicense: DATA_LICENSE,
    SPDXID: DOCUMENT_ID,
    name: oneLine(document.name),
    ...(document.comment === undefined ? {} : { comment: plainText(document.comment) }),
    creationInfo: {
      created,
      creators: creators.length === 0 ? [`Person: ${ANONYMOUS}`] : creators,
      ...(created === UNKNOWN_TIME ? { comment: UNKNOWN_TIME_COMMENT } : {}),
    },
  }
  const extracted = licenses.all()
  const body = {
    annotations: [
      annotation(created, {
        [`${EXTRA}dependencies`]: '"complete"',
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
  readonly purls: ReadonlyMap<string, number>
}

function spdxPackage(component: Component, context: PackageContext): SpdxPackage {
  const { licenses } = component
  const download = component.downloadUrl === undefined ? undefined : absoluteUri(component.downloadUrl)
  const vcs = component.source === undefined ? undefined : absoluteUri(vcsLocation(component.source))
  const homepage = component.homepage === undefined ? undefined : absoluteUri(component.homepage)
  const refs = externalRefsOf(component, download === undefined ? undefined : vcs)
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
    downloadLocation: download ?? vcs ?? NOASSERTION,
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
  const isNamedByPurl = component.ref === component.purl && context.purls.get(component.purl) === 1
  const extras = extrasOf(
    { ...flatComponent(component), ref: isNamedByPurl ? undefined : component.ref },
    flat({
      ...packageFields(item, (id) => context.licenses.get(id)),
      purl: component.purl,
      scope: context.scope,
    }),
  )
  const texts = { ...component.properties, ...extras }
  return Object.keys(texts).length === 0
    ? item
    : { ...item, annotations: [annotation(context.created, texts)] }
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
  const words = Object.entries(texts).map(([name, text]): [string, unknown] => [
    name,
    name.startsWith(EXTRA) ? JSON.parse(text) : text,
  ])
  const sorted = Object.fromEntries(words.sort(([a], [b]) => (a < b ? -1 : 1)))
  return {
    annotationDate: created,
    annotationType: 'OTHER',
    annotator: 'Tool: aiv',
    comment: `${EXTRAS_MARK}${JSON.stringify(sorted)}`,
  }
}

/** Readable, and told apart by a hash: `a-b`, `a_b` and `ab` would else become one (SPDX allows letters, digits, `.`, `-`). */
function spdxIds(components: readonly Component[]): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  const taken = new Set<string>()
  for (const { ref } of components) {
    const digest = toHex(sha256(utf8(ref)))
    const words = ref
      .replace(/^pkg:/, '')
      .replace(/%40/g, '')
      .replace(/[^A-Za-z0-9.]+/g, '-')
    const readable = `SPDXRef-${words.replace(/^-|-$/g, '').slice(0, 80)}-`
    const short = `${readable}${digest.slice(0, 12)}`
    const id = taken.has(short) ? `${readable}${digest}` : short
    taken.add(id)
    ids.set(ref, id)
  }
  return ids
}

function countPurls(components: readonly Component[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { purl } of components) if (purl !== undefined) counts.set(purl, (counts.get(purl) ?? 0) + 1)
  return counts
}

function namespaceOf({ document }: Bom, content: string): string {
  const given = document.namespace === undefined ? undefined : absoluteUri(document.namespace)
  if (given !== undefined && given === document.namespace && !given.includes('#')) return given
  const name =
    document.name
      .replace(/[^A-Za-z0-9.]+/g, '-')
      .replace(/^-|-$/g, '')
      .slice(0, 80) || 'document'
  return `${NAMESPACES}/${name}-${contentUuid(`${NAMESPACES}/${name}`, content)}`
}
