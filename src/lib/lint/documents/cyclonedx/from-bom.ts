/** A bill of materials as a CycloneDX 1.6 or 1.7 document. */
import type { Bom, Completeness } from '../../bom/index.ts'
import { namedByPurl } from '../parts/element-ids.ts'
import { contentUuid } from '../parts/texts/uuid.ts'
import { cycloneDxComponent } from './component.ts'
import type { CycloneDxVersion } from './licenses.ts'
import { metadataOf } from './metadata.ts'

const SERIAL = /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export function cycloneDxDocument(bom: Bom, version: CycloneDxVersion): Readonly<Record<string, unknown>> {
  const named = namedByPurl(bom.components)
  const items = bom.components.map((component) => ({
    ref: component.ref,
    item: cycloneDxComponent(component, version, named.has(component.ref)),
  }))
  const primary = items.find(({ ref }) => ref === bom.primary)?.item
  const components = items.filter(({ item }) => item !== primary).map(({ item }) => item)
  const compositions = compositionsOf(bom)
  const body = {
    version: 1,
    metadata: metadataOf(bom, primary),
    components,
    dependencies: dependenciesOf(bom),
    ...(compositions.length === 0 ? {} : { compositions }),
  }
  const schema = `http://cyclonedx.org/schema/bom-${version}.schema.json`
  const given = bom.document.namespace
  return {
    $schema: schema,
    bomFormat: 'CycloneDX',
    specVersion: version,
    serialNumber:
      given !== undefined && SERIAL.test(given)
        ? given
        : `urn:uuid:${contentUuid(schema, JSON.stringify(body))}`,
    ...body,
  }
}

/** A component without an entry is one of whose dependencies nothing is known; one without any has an empty list. */
function dependenciesOf({ components, dependencies }: Bom): readonly unknown[] {
  const refs = new Set(components.map(({ ref }) => ref))
  return [...refs].flatMap((ref) => {
    const known = dependencies.get(ref)
    const on = (known?.on ?? []).filter((to) => refs.has(to) && to !== ref)
    if (on.length > 0) return [{ ref, dependsOn: on }]
    // The empty list may be left out, but widely used readers take it for granted.
    return known === undefined || known.completeness === 'unknown' ? [] : [{ ref, dependsOn: [] }]
  })
}

/** One for all where everything is complete, and one for each degree with the components it holds for. */
function compositionsOf({ components, dependencies }: Bom): readonly unknown[] {
  const degrees = (['complete', 'incomplete', 'unknown'] as const).map((aggregate) => ({
    aggregate,
    dependencies: components
      .map(({ ref }) => ref)
      .filter(
        (ref) => aggregate === (dependencies.get(ref)?.completeness ?? ('unknown' satisfies Completeness)),
      ),
  }))
  const used = degrees.filter((degree) => degree.dependencies.length > 0)
  const isComplete = used.length === 1 && used[0]?.aggregate === 'complete'
  return [...(isComplete ? [{ aggregate: 'complete' }] : []), ...used]
}
