/** An SPDX 3.0 document in JSON-LD, of any tool, as a bill of materials. */
import type { Origin, Scope } from '../../bom/index.ts'
import { array, field, string, type Table } from '../../readers/parse/shape.ts'
import { Assembler, type Locate } from '../parts/assembler.ts'
import { componentFrom, flat } from '../parts/component-fields.ts'
import { documentFrom, extractedLicensesFrom } from '../parts/document-fields.ts'
import { areOurs, EXTRA, type NamedTexts, unsaid, withExtras } from '../parts/extras.ts'
import type { ReadParts } from '../parts/facts.ts'
import { isDigest } from '../parts/hash-lengths.ts'
import { parseExtras } from '../parts/texts/extras-text.ts'
import { documentFields } from './document-fields.ts'
import { type Elements, elementsIn } from './elements.ts'
import { packageFields, purlOf, type Resolve } from './package-fields.ts'
import { addRelations, importedBy, licensesIn, relationsIn, rootsIn, scopesIn } from './relations.ts'
import { algorithmOf, PACKAGES, typeOf } from './vocabulary.ts'

export function bomFromSpdx3(root: unknown, locate: Locate): ReadParts {
  const bom = new Assembler()
  const elements = elementsIn(root, bom, locate)
  const resolve: Resolve = (value) => (typeof value === 'string' ? elements.byId.get(value) : value)
  const first = (type: string): unknown => elements.all.find(({ element }) => element.type === type)?.element
  const document = first('SpdxDocument')
  const sbom = first('software_Sbom') ?? first('Bom')
  const creationInfo = resolve(field(document, 'creationInfo')) ?? first('CreationInfo')
  const relations = relationsIn(elements)
  const extras = extrasBySubject(elements)
  const documentId = string(field(document, 'spdxId'))
  const own = extras.get(documentId ?? '') ?? []
  const isOurs = areOurs(own)
  const roots = rootsIn(document, sbom, resolve)
  const scopes = scopesIn(relations, isOurs ? [] : roots)
  const licenses = licensesIn(relations, resolve)
  addPackages(elements, bom, locate, { ...unsaid(isOurs), extras, resolve, scopes, licenses })
  addRelations(relations, elements, bom, locate, importedBy(document))
  const packages = roots.filter((id) => bom.isComponent(id))
  const texts = elements.all.map(({ element }) => element)
  const fields = withExtras(documentFields({ document, sbom, creationInfo, texts }, resolve), own)
  const built = bom.build({
    document: documentFrom(fields, documentId?.split('#')[0]),
    extractedLicenses: extractedLicensesFrom(fields),
    primary: packages.length === 1 ? packages[0] : undefined,
  })
  const version = string(field(creationInfo, 'specVersion'))
  return {
    bom: built.bom,
    facts: {
      family: 'spdx',
      version: version ?? '',
      encoding: 'json',
      typed: built.typed,
      complete: false,
      specVersionGiven: version !== undefined,
    },
    defects: bom.defects,
  }
}

interface PackageContext {
  /** Where no extra says otherwise. */
  readonly origin: Origin
  readonly extras: ReadonlyMap<string, NamedTexts>
  readonly resolve: Resolve
  readonly scopes: ReadonlyMap<string, Scope>
  /** By type of relationship and identifier. */
  readonly licenses: ReadonlyMap<string, string>
}

function addPackages(
  elements: Elements,
  bom: Assembler,
  locate: Locate,
  { origin, extras, resolve, scopes, licenses }: PackageContext,
): void {
  for (const { element, pointer } of elements.all) {
    if (!PACKAGES.has(element.type)) continue
    const place = locate(pointer)
    const id = string(element.spdxId) ?? pointer
    const purl = purlOf(element)
    const texts = extras.get(id) ?? []
    checkHashes(element, id, bom, place)
    const native = {
      ...packageFields(element, resolve),
      origin,
      purl: purl === undefined ? undefined : bom.purl(purl, place),
      scope: scopes.get(id) ?? 'required',
      declared: licenses.get(`hasDeclaredLicense ${id}`),
      concluded: licenses.get(`hasConcludedLicense ${id}`),
    }
    const properties = Object.fromEntries(texts.filter(([name]) => !name.startsWith(EXTRA)))
    const sourceInfo = string(element.software_sourceInfo)
    const foreign =
      sourceInfo === undefined || native.occurrences !== undefined ? {} : { 'spdx:sourceInfo': sourceInfo }
    const component = componentFrom(withExtras(flat(native), texts), { ...foreign, ...properties })
    bom.add(id, component, typeOf(string(element.software_primaryPurpose)) !== undefined, place)
  }
}

function checkHashes(element: Table, id: string, bom: Assembler, place: ReturnType<Locate>): void {
  for (const hash of array(element.verifiedUsing)) {
    const [word, value = ''] = [string(field(hash, 'algorithm')), string(field(hash, 'hashValue'))]
    const algorithm = algorithmOf(word ?? '')
    if (algorithm !== undefined && !isDigest(algorithm, value))
      bom.defect('bad-hash', `${id}: ${value} is no ${word} hash`, place)
  }
}

function extrasBySubject({ all }: Elements): ReadonlyMap<string, NamedTexts> {
  const extras = new Map<string, NamedTexts>()
  for (const { element } of all) {
    const subject = string(element.subject)
    const found = element.type === 'Annotation' ? parseExtras(element.statement) : []
    if (subject !== undefined && found.length > 0) extras.set(subject, found)
  }
  return extras
}
