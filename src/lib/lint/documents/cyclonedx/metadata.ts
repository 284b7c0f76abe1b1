/** What a CycloneDX document says of itself, both ways. */
import type { Bom, Party, Tool } from '../../bom/index.ts'
import { LIFECYCLES } from '../../bom/index.ts'
import { array, field, isTable, string, tables } from '../../readers/parse/shape.ts'
import { flatDocument } from '../parts/document-fields.ts'
import { extrasOf, type Flat, OUR_FORMAT } from '../parts/extras.ts'
import { wholeSeconds } from '../parts/texts/time.ts'
import { nameOf } from './component-fields.ts'
import { licensesOf, plainChoice } from './licenses.ts'
import { contactOf, entityOf, organizationFrom, personFrom } from './parties.ts'
import { propertyList } from './properties.ts'

/** @param component the primary one, as written */
export function metadataOf(bom: Bom, component: unknown): Readonly<Record<string, unknown>> {
  const { created, authors, tools, supplier, lifecycles, dataLicense } = bom.document
  const timestamp = wholeSeconds(created)
  const people = authors.filter(({ kind }) => kind === 'person')
  const organization = authors.find(({ kind }) => kind === 'organization')
  const metadata = {
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(lifecycles.length === 0 ? {} : { lifecycles: [...new Set(lifecycles)].map((phase) => ({ phase })) }),
    ...(tools.length === 0 ? {} : { tools: { components: toolComponents(tools) } }),
    ...(organization === undefined ? {} : { manufacturer: entityOf(organization) }),
    ...(people.length === 0 ? {} : { authors: people.map(contactOf) }),
    ...(component === undefined ? {} : { component }),
    ...(supplier === undefined ? {} : { supplier: entityOf(supplier) }),
    ...(dataLicense === undefined ? {} : { licenses: [plainChoice(dataLicense)] }),
  }
  const extras = extrasOf(
    flatDocument({
      ...bom.document,
      extractedLicenses: bom.extractedLicenses.length === 0 ? undefined : bom.extractedLicenses,
    }),
    metadataFields(metadata),
  )
  return { ...metadata, properties: propertyList({ ...OUR_FORMAT, ...extras }) }
}

/** Of `metadata`, versions 1.2 to 1.7. */
export function metadataFields(metadata: unknown): Flat {
  const component = field(metadata, 'component')
  const phases = tables(field(metadata, 'lifecycles')).map(({ phase }) => phase)
  return flatDocument({
    name: nameOf(component, string(field(component, 'purl'))),
    created: wholeSeconds(string(field(metadata, 'timestamp'))),
    authors: authorsOf(metadata),
    tools: toolsOf(field(metadata, 'tools')),
    supplier: organizationFrom(field(metadata, 'supplier')),
    lifecycles: LIFECYCLES.filter((phase) => phases.includes(phase)),
    dataLicense: licensesOf(field(metadata, 'licenses')).declared,
  })
}

function toolComponents(tools: readonly Tool[]): readonly unknown[] {
  const items = tools.map(({ name, version, vendor }) => ({
    type: 'application',
    ...(vendor === undefined ? {} : { manufacturer: { name: vendor } }),
    name,
    ...(version === undefined || version.length > 1024 ? {} : { version }),
  }))
  return [...new Map(items.map((item) => [JSON.stringify(item), item])).values()]
}

/** `manufacture` is what 1.5 and older call the organization that made the document. */
function authorsOf(metadata: unknown): readonly Party[] {
  const people = array(field(metadata, 'authors')).flatMap((contact) => personFrom(contact) ?? [])
  const organization =
    organizationFrom(field(metadata, 'manufacturer')) ?? organizationFrom(field(metadata, 'manufacture'))
  return [...people, ...(organization === undefined ? [] : [organization])]
}

/** A list until 1.4, two lists after. */
function toolsOf(tools: unknown): readonly Tool[] {
  const items = isTable(tools)
    ? [...array(field(tools, 'components')), ...array(field(tools, 'services'))]
    : array(tools)
  return items.flatMap((item) => {
    const [name, version] = [nameOf(item, undefined), string(field(item, 'version'))]
    const maker = ['manufacturer', 'supplier', 'provider'].map((key) =>
      string(field(field(item, key), 'name')),
    )
    const vendor = string(field(item, 'vendor')) ?? maker.find((word) => word !== undefined)
    if (name === undefined) return []
    return [
      { name, ...(version === undefined ? {} : { version }), ...(vendor === undefined ? {} : { vendor }) },
    ]
  })
}
