/** An SPDX 2.2 or 2.3 document, as its JSON encoding writes it, as a bill of materials. */
import type { Origin, Scope } from '../../bom/index.ts'
import { array, field, string, tables } from '../../readers/parse/shape.ts'
import type { DocumentFacts } from '../document.ts'
import { Assembler, type Locate, type Place } from '../parts/assembler.ts'
import { componentFrom, flat } from '../parts/component-fields.ts'
import { documentFrom, extractedLicensesFrom } from '../parts/document-fields.ts'
import { areOurs, EXTRA, type NamedTexts, unsaid, withExtras } from '../parts/extras.ts'
import type { ReadParts } from '../parts/facts.ts'
import { isDigest } from '../parts/hash-lengths.ts'
import { parseExtras } from '../parts/texts/extras-text.ts'
import { documentFields } from './document-fields.ts'
import { DOCUMENT_ID, type SpdxExtractedLicense } from './model.ts'
import { type ExtractedById, externalRefs, packageFields } from './package-fields.ts'
import { addRelationships, describedIn, scopesIn } from './read-relationships.ts'
import { algorithmOf, isPurpose, OBSOLETE_ALGORITHMS } from './vocabulary.ts'

/** @param root the parsed JSON, or what tag-value says in the same shape */
export function bomFromSpdx(root: unknown, encoding: DocumentFacts['encoding'], locate: Locate): ReadParts {
  const bom = new Assembler()
  const extras = extrasIn(root)
  // Only a document of ours says that it names every dependency of what it does not say otherwise of.
  const isOurs = areOurs(extras)
  if (isOurs) bom.defaultCompleteness = 'complete'
  checkCreation(root, bom, locate)
  addElements(root, bom, locate)
  addPackages(root, bom, locate, { ...unsaid(isOurs), scopes: scopesIn(root, isOurs) })
  addRelationships(root, bom, locate, isOurs)
  const described = describedIn(root).filter((id) => bom.isComponent(id))
  const fields = withExtras(documentFields(root), extras)
  const built = bom.build({
    document: documentFrom(fields, string(field(root, 'documentNamespace'))),
    extractedLicenses: extractedLicensesFrom(fields),
    primary: described.length === 1 ? described[0] : undefined,
  })
  const version = string(field(root, 'spdxVersion'))
  return {
    bom: built.bom,
    facts: {
      family: 'spdx',
      version: version?.replace(/^SPDX-/, '') ?? '',
      encoding,
      typed: built.typed,
      complete: false,
      specVersionGiven: version !== undefined,
    },
    defects: bom.defects,
  }
}

function checkCreation(root: unknown, bom: Assembler, locate: Locate): void {
  const created = field(field(root, 'creationInfo'), 'created')
  if (typeof created === 'string' && /^[0-9-]{10}T[0-9:]{8}Z$/.test(created)) return
  const words =
    created === undefined
      ? 'it does not say when it was created'
      : 'created is no time in UTC and whole seconds'
  bom.defect('bad-value', words, locate('/creationInfo'))
}

/** Files and snippets can be named by relationships, but are no components. */
function addElements(root: unknown, bom: Assembler, locate: Locate): void {
  bom.addOther(DOCUMENT_ID, locate(''))
  for (const key of ['files', 'snippets'] as const)
    for (const [at, item] of array(field(root, key)).entries()) {
      const id = string(field(item, 'SPDXID'))
      if (id !== undefined) bom.addOther(id, locate(`/${key}/${at}`))
    }
}

interface PackageContext {
  /** Where no extra says otherwise. */
  readonly origin: Origin
  readonly scopes: ReadonlyMap<string, Scope>
}

function addPackages(root: unknown, bom: Assembler, locate: Locate, context: PackageContext): void {
  const licenses = new Map<string, Pick<SpdxExtractedLicense, 'extractedText' | 'comment'>>()
  for (const item of tables(field(root, 'hasExtractedLicensingInfos'))) {
    const [id, extractedText] = [string(item.licenseId), string(item.extractedText)]
    if (id !== undefined && extractedText !== undefined)
      licenses.set(id, { extractedText, comment: string(item.comment) })
  }
  for (const [at, item] of array(field(root, 'packages')).entries())
    addPackage(item, bom, locate(`/packages/${at}`), context, (id) => licenses.get(id))
}

function addPackage(
  item: unknown,
  bom: Assembler,
  place: Place,
  { origin, scopes }: PackageContext,
  extracted: ExtractedById,
): void {
  const id = string(field(item, 'SPDXID'))
  if (id === undefined) {
    bom.defect('bad-value', 'a package has no SPDXID', place)
    return
  }
  checkChecksums(item, id, bom, place)
  const purpose = string(field(item, 'primaryPackagePurpose'))
  if (purpose !== undefined && !isPurpose(purpose))
    bom.defect('bad-value', `${id}: ${purpose} is no purpose of a package`, place)
  const [locator] = externalRefs(item, 'purl')
  const extras = extrasIn(item)
  const native = {
    ...packageFields(item, extracted),
    origin,
    purl: locator === undefined ? undefined : bom.purl(locator, place),
    scope: scopes.get(id) ?? 'required',
  }
  const component = componentFrom(
    withExtras(flat(native), extras),
    propertiesOf(item, native.occurrences, extras),
  )
  bom.add(id, component, purpose !== undefined && isPurpose(purpose), place)
}

function checkChecksums(item: unknown, id: string, bom: Assembler, place: Place): void {
  for (const checksum of tables(field(item, 'checksums'))) {
    const [word = '', value = ''] = [string(checksum.algorithm), string(checksum.checksumValue)]
    const algorithm = algorithmOf(word)
    const isGood = algorithm === undefined ? OBSOLETE_ALGORITHMS.includes(word) : isDigest(algorithm, value)
    if (!isGood) bom.defect('bad-hash', `${id}: ${value} is no ${word || 'known'} hash`, place)
  }
}

/** Words of other tools about the source are kept: for some judges they are what tells where a package comes from. */
function propertiesOf(item: unknown, occurrences: unknown, extras: NamedTexts): Record<string, string> {
  const own = extras.filter(([name]) => !name.startsWith(EXTRA))
  const sourceInfo = string(field(item, 'sourceInfo'))
  if (sourceInfo === undefined || occurrences !== undefined) return Object.fromEntries(own)
  return Object.fromEntries([['spdx:sourceInfo', sourceInfo], ...own])
}

function extrasIn(element: unknown): NamedTexts {
  return tables(field(element, 'annotations')).flatMap(({ comment }) => parseExtras(comment))
}
