/** An SPDX 3.0 document in JSON-LD, of any tool, as a bill of materials. */
import type { Completeness, Origin, Scope } from '../../bom/index.ts'
import { array, field, string, strings, type Table } from '../../readers/parse/shape.ts'
import { Assembler, type Locate } from '../parts/assembler.ts'
import { componentFrom, flat } from '../parts/component-fields.ts'
import { documentFrom, extractedLicensesFrom } from '../parts/document-fields.ts'
import { areOurs, EXTRA, type NamedTexts, unsaid, withExtras } from '../parts/extras.ts'
import { parseExtras } from '../parts/extras-text.ts'
import type { ReadParts } from '../parts/facts.ts'
import { isDigest } from '../parts/hash-lengths.ts'
import { documentFields } from './document-fields.ts'
import { type Elements, elementsIn } from './elements.ts'
import { licenseText } from './license-text.ts'
import { packageFields, purlOf, type Resolve } from './package-fields.ts'
import { algorithmOf, typeOf } from './vocabulary.ts'

const PACKAGES: ReadonlySet<unknown> = new Set(['software_Package', 'ai_AIPackage', 'dataset_DatasetPackage'])
/** Relationships in which the first element needs, or contains, the second, with the scope that they say. */
const NEEDS = new Map<unknown, Scope | undefined>([
  ['dependsOn', undefined],
  ['contains', undefined],
  ['hasPrerequisite', undefined],
  ['hasDynamicLink', undefined],
  ['hasStaticLink', undefined],
  ['hasProvidedDependency', undefined],
  ['hasOptionalComponent', 'optional'],
  ['hasOptionalDependency', 'optional'],
  ['usesTool', 'dev'],
])
const DEVELOPMENT: ReadonlySet<unknown> = new Set(['development', 'test', 'build', 'design'])
const STRENGTH: Readonly<Record<Scope, number>> = { required: 2, optional: 1, dev: 0 }
/** Names that SPDX itself gives, in short and in full. */
const INDIVIDUAL =
  /(?:^|[/_])(?:None|NoAssertion)(?:Element|License)$|^SpdxOrganization$|^https:\/\/spdx\.org\//

interface Relation {
  readonly from: string
  readonly type: unknown
  readonly to: readonly unknown[]
  readonly scope: Scope
  readonly completeness: Completeness
  readonly pointer: string
}

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
  addPackages(elements, relations, bom, locate, { ...unsaid(areOurs(own)), extras, resolve })
  addRelations(relations, elements, bom, locate, importedBy(document))
  const texts = elements.all.map(({ element }) => element)
  const fields = withExtras(documentFields({ document, sbom, creationInfo, texts }, resolve), own)
  const built = bom.build({
    document: documentFrom(fields, documentId?.split('#')[0]),
    extractedLicenses: extractedLicensesFrom(fields),
    primary: primaryOf(document, sbom, resolve, bom),
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
}

function addPackages(
  elements: Elements,
  relations: readonly Relation[],
  bom: Assembler,
  locate: Locate,
  { origin, extras, resolve }: PackageContext,
): void {
  const scopes = scopesIn(relations)
  const licenses = licensesIn(relations, resolve)
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

function relationsIn({ all }: Elements): readonly Relation[] {
  return all.flatMap(({ element, pointer }) => {
    const type = element.relationshipType
    const from = string(element.from) ?? string(field(element.from, 'spdxId'))
    if (type === undefined || from === undefined) return []
    const word = element.completeness
    return [
      {
        from,
        type,
        to: array(element.to),
        scope: DEVELOPMENT.has(element.scope) ? 'dev' : (NEEDS.get(type) ?? 'required'),
        completeness: word === 'complete' || word === 'incomplete' ? word : 'unknown',
        pointer,
      },
    ]
  })
}

function addRelations(
  relations: readonly Relation[],
  { byId }: Elements,
  bom: Assembler,
  locate: Locate,
  imported: ReadonlySet<string>,
): void {
  const isKnown = (id: string): boolean => byId.has(id) || imported.has(id) || INDIVIDUAL.test(id)
  for (const { from, type, to, completeness, pointer } of relations) {
    const ids = to.flatMap((value) => string(value) ?? string(field(value, 'spdxId')) ?? [])
    for (const id of [from, ...ids])
      if (!isKnown(id)) bom.defect('dangling-reference', `there is no ${id} in the document`, locate(pointer))
    if (!NEEDS.has(type) || !bom.isComponent(from)) continue
    if (type === 'dependsOn' || type === 'hasOptionalDependency') bom.complete(from, completeness)
    for (const id of ids) if (bom.isComponent(id)) bom.depend(from, id)
  }
}

/** The strongest that any relationship says of an element. */
function scopesIn(relations: readonly Relation[]): ReadonlyMap<string, Scope> {
  const scopes = new Map<string, Scope>()
  for (const { type, to, scope } of relations) {
    if (!NEEDS.has(type)) continue
    for (const id of strings(to)) {
      const known = scopes.get(id)
      if (known === undefined || STRENGTH[scope] > STRENGTH[known]) scopes.set(id, scope)
    }
  }
  return scopes
}

/** By type of relationship and identifier; several hold together. */
function licensesIn(relations: readonly Relation[], resolve: Resolve): ReadonlyMap<string, string> {
  const licenses = new Map<string, string>()
  for (const { from, type, to } of relations) {
    if (type !== 'hasDeclaredLicense' && type !== 'hasConcludedLicense') continue
    const texts = to.flatMap((value) => licenseText(value, resolve) ?? [])
    if (texts.length > 0) licenses.set(`${type} ${from}`, texts.join(' AND '))
  }
  return licenses
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

/** Elements that the document says are in others. */
function importedBy(document: unknown): ReadonlySet<string> {
  return new Set(
    array(field(document, 'import')).flatMap((map) => string(field(map, 'externalSpdxId')) ?? []),
  )
}

/** The document is about a bill, and the bill about a package; some tools leave one of the two out. */
function primaryOf(document: unknown, sbom: unknown, resolve: Resolve, bom: Assembler): string | undefined {
  const roots = [document, sbom].flatMap((collection) =>
    array(field(collection, 'rootElement')).flatMap((value) => {
      const element = resolve(value)
      const inner = PACKAGES.has(field(element, 'type')) ? [element] : array(field(element, 'rootElement'))
      return inner.flatMap((each) => string(each) ?? string(field(resolve(each), 'spdxId')) ?? [])
    }),
  )
  const packages = [...new Set(roots)].filter((id) => bom.isComponent(id))
  return packages.length === 1 ? packages[0] : undefined
}
