/** A CycloneDX document, versions 1.2 to 1.7, as a bill of materials. */
import type { Origin } from '../../bom/index.ts'
import { array, field, string, strings, tables } from '../../readers/parse/shape.ts'
import { Assembler, type Locate } from '../parts/assembler.ts'
import { componentFrom, flat } from '../parts/component-fields.ts'
import { documentFrom, extractedLicensesFrom } from '../parts/document-fields.ts'
import { areOurs, EXTRA, unsaid, withExtras } from '../parts/extras.ts'
import type { ReadParts } from '../parts/facts.ts'
import { isDigest } from '../parts/hash-lengths.ts'
import { componentFields } from './component-fields.ts'
import { metadataFields } from './metadata.ts'
import { propertiesIn, textsByName } from './properties.ts'
import { algorithmOf, isType } from './vocabulary.ts'

/** Algorithms that came with 1.7, and that nothing else here knows. */
const OTHER_ALGORITHMS: readonly string[] = ['Streebog-256', 'Streebog-512']
const PRIMARY = '/metadata/component'

export function bomFromCycloneDx(root: unknown, locate: Locate): ReadParts {
  const bom = new Assembler()
  const metadata = field(root, 'metadata')
  const timestamp = string(field(metadata, 'timestamp'))
  const fields = withExtras(metadataFields(metadata), propertiesIn(metadata))
  if (timestamp !== undefined && metadataFields(metadata).created === undefined)
    bom.defect('bad-value', `${timestamp} is no time`, locate('/metadata/timestamp'))
  const primary = addAll(root, bom, { locate, ...unsaid(areOurs(propertiesIn(metadata))) })
  addServices(root, bom, locate)
  addDependencies(root, bom, locate)
  const isComplete = addCompositions(root, bom, locate)
  const serial = string(field(root, 'serialNumber'))
  const built = bom.build({
    document: documentFrom(fields, serial),
    extractedLicenses: extractedLicensesFrom(fields),
    primary,
  })
  const version = string(field(root, 'specVersion'))
  return {
    bom: built.bom,
    facts: {
      family: 'cyclonedx',
      version: version ?? '',
      encoding: 'json',
      ...signatureOf(root),
      typed: built.typed,
      complete: isComplete,
      specVersionGiven: version !== undefined,
    },
    defects: bom.defects,
  }
}

interface ComponentContext {
  readonly locate: Locate
  /** Where no extra says otherwise. */
  readonly origin: Origin
}

/** Components may hold others, to any depth. @returns the identifier of the primary one */
function addAll(root: unknown, bom: Assembler, context: ComponentContext): string | undefined {
  const first = field(field(root, 'metadata'), 'component')
  const primary = first === undefined ? undefined : addComponent(first, PRIMARY, bom, context)
  const open: [items: unknown, pointer: string][] = [
    [field(first, 'components'), `${PRIMARY}/components`],
    [field(root, 'components'), '/components'],
  ]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [items, pointer] = next
    for (const [at, item] of array(items).entries()) {
      addComponent(item, `${pointer}/${at}`, bom, context)
      const inner = field(item, 'components')
      if (inner !== undefined) open.push([inner, `${pointer}/${at}/components`])
    }
  }
  return primary
}

function addComponent(
  item: unknown,
  pointer: string,
  bom: Assembler,
  { locate, origin }: ComponentContext,
): string | undefined {
  const place = locate(pointer)
  // Without a reference nothing in the document can name it; the pointer tells it apart.
  const id = string(field(item, 'bom-ref')) ?? pointer
  const type = string(field(item, 'type'))
  if (type !== undefined && !isType(type)) bom.defect('bad-value', `${type} is no type of component`, place)
  for (const hash of tables(field(item, 'hashes'))) {
    const [word = '', value = ''] = [string(hash.alg), string(hash.content)]
    const algorithm = algorithmOf(word)
    const isGood = algorithm === undefined ? OTHER_ALGORITHMS.includes(word) : isDigest(algorithm, value)
    if (!isGood) bom.defect('bad-hash', `${id}: ${value} is no ${word || 'known'} hash`, place)
  }
  const purl = string(field(item, 'purl'))
  const properties = propertiesIn(item)
  const native = {
    ...componentFields(item),
    origin,
    purl: purl === undefined ? undefined : bom.purl(purl, place),
  }
  const component = componentFrom(
    withExtras(flat(native), properties),
    textsByName(properties.filter(([name]) => !name.startsWith(EXTRA))),
  )
  const ref = component.ref === '' && id.startsWith('path:') ? id : component.ref
  const isAdded = bom.add(id, { ...component, ref }, type !== undefined && isType(type), place)
  return isAdded || pointer === PRIMARY ? id : undefined
}

function addServices(root: unknown, bom: Assembler, locate: Locate): void {
  const open: [items: unknown, pointer: string][] = [[field(root, 'services'), '/services']]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [items, pointer] = next
    for (const [at, item] of array(items).entries()) {
      const id = string(field(item, 'bom-ref'))
      if (id !== undefined) bom.addOther(id, locate(`${pointer}/${at}`))
      const inner = field(item, 'services')
      if (inner !== undefined) open.push([inner, `${pointer}/${at}/services`])
    }
  }
}

function addDependencies(root: unknown, bom: Assembler, locate: Locate): void {
  for (const [at, item] of array(field(root, 'dependencies')).entries()) {
    const place = locate(`/dependencies/${at}`)
    const from = string(field(item, 'ref'))
    if (from === undefined) bom.defect('bad-value', 'a dependency has no ref', place)
    else if (bom.refer(from, place))
      for (const to of strings(field(item, 'dependsOn')))
        if (bom.refer(to, place) && bom.isComponent(from) && bom.isComponent(to)) bom.depend(from, to)
  }
}

/** @returns whether the document calls itself complete as a whole */
function addCompositions(root: unknown, bom: Assembler, locate: Locate): boolean {
  let isComplete = false
  for (const [at, item] of array(field(root, 'compositions')).entries()) {
    const aggregate = string(field(item, 'aggregate')) ?? ''
    const [assemblies, dependencies] = [field(item, 'assemblies'), field(item, 'dependencies')]
    const place = locate(`/compositions/${at}`)
    for (const id of strings(assemblies)) if (!id.startsWith('urn:cdx:')) bom.refer(id, place)
    if (dependencies === undefined && assemblies === undefined) isComplete ||= aggregate === 'complete'
    for (const id of strings(dependencies)) {
      if (id.startsWith('urn:cdx:') || !bom.refer(id, place)) continue
      if (aggregate === 'complete') bom.complete(id, 'complete')
      else bom.complete(id, aggregate.startsWith('incomplete') ? 'incomplete' : 'unknown')
    }
  }
  if (isComplete) bom.defaultCompleteness = 'complete'
  return isComplete
}

/** JSF: one signature, or several signers. */
function signatureOf(root: unknown): Pick<ReadParts['facts'], 'signature'> {
  const signature = field(root, 'signature')
  if (signature === undefined) return {}
  const first: unknown =
    array(field(signature, 'signers'))[0] ?? array(field(signature, 'chain'))[0] ?? signature
  return {
    signature: {
      algorithm: string(field(first, 'algorithm')) !== undefined,
      value: string(field(first, 'value')) !== undefined,
      key:
        field(first, 'publicKey') !== undefined ||
        string(field(first, 'keyId')) !== undefined ||
        array(field(first, 'certificatePath')).length > 0,
    },
  }
}
