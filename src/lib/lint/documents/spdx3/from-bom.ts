/** A bill of materials as an SPDX 3.0.1 document in JSON-LD. */
import type { Bom, Completeness, Scope } from '../../bom/index.ts'
import { flatDocument } from '../parts/document-fields.ts'
import { elementIds, namedByPurl, slug } from '../parts/element-ids.ts'
import { extrasOf, OUR_FORMAT } from '../parts/extras.ts'
import { formatExtras } from '../parts/texts/extras-text.ts'
import { ANONYMOUS } from '../parts/texts/party.ts'
import { UNKNOWN_TIME, UNKNOWN_TIME_COMMENT, wholeSeconds } from '../parts/texts/time.ts'
import { formatTool } from '../parts/texts/tools.ts'
import { absoluteUri } from '../parts/texts/uri.ts'
import { contentUuid } from '../parts/texts/uuid.ts'
import { type DocumentParts, documentFields } from './document-fields.ts'
import { CREATION_INFO, Graph } from './graph.ts'
import { addPackage } from './package.ts'
import { CONTEXT, SPEC_VERSION, sbomType } from './vocabulary.ts'

const NAMESPACES = 'https://spdx.org/spdxdocs'
const DATA_LICENSE = 'CC0-1.0'

export function spdx3Document(bom: Bom): Readonly<Record<string, unknown>> {
  const given = bom.document.namespace === undefined ? undefined : absoluteUri(bom.document.namespace)
  if (given !== undefined && given === bom.document.namespace && !given.includes('#'))
    return documentIn(given, bom)
  // Identifiers of elements hold the namespace, which follows from all the rest.
  const name = `${NAMESPACES}/${slug(bom.document.name) || 'document'}`
  return documentIn(`${name}-${contentUuid(name, JSON.stringify(documentIn(name, bom)))}`, bom)
}

function documentIn(namespace: string, bom: Bom): Readonly<Record<string, unknown>> {
  const { document, components } = bom
  const graph = new Graph(namespace, bom.extractedLicenses)
  const names = elementIds(components)
  const named = namedByPurl(components)
  const needed = addDependencies(graph, bom, names)
  for (const component of components)
    addPackage(graph, component, {
      name: names.get(component.ref) as string,
      scope: needed.has(component.ref) ? component.scope : 'required',
      isNamedByPurl: named.has(component.ref),
    })
  const created = wholeSeconds(document.created)
  const agents = document.authors.map((author) => graph.agent(author))
  const tools = document.tools.map((tool) => {
    const name = formatTool(tool).slice('Tool: '.length)
    return graph.add('Tool', `tool-${slug(name)}-${contentUuid('tool', name).slice(0, 8)}`, { name })
  })
  const creationInfo = {
    type: 'CreationInfo',
    '@id': CREATION_INFO,
    ...(created === undefined ? { comment: UNKNOWN_TIME_COMMENT } : {}),
    created: created ?? UNKNOWN_TIME,
    createdBy: agents.length === 0 ? [graph.add('Agent', 'agent-anonymous', { name: ANONYMOUS })] : agents,
    ...(tools.length === 0 ? {} : { createdUsing: tools }),
    specVersion: SPEC_VERSION,
  }
  const head = headOf(graph, bom, names, creationInfo)
  return { '@context': CONTEXT, '@graph': [creationInfo, ...head, ...graph.elements()] }
}

/** The document and the bill in it, which hold all other elements. */
function headOf(
  graph: Graph,
  bom: Bom,
  names: ReadonlyMap<string, string>,
  creationInfo: unknown,
): readonly unknown[] {
  const { document } = bom
  const dataLicense = graph.license(document.dataLicense?.trim() || DATA_LICENSE)
  const sbomId = graph.id('sbom')
  const types = [...new Set(document.lifecycles.flatMap((phase) => sbomType(phase) ?? []))]
  const primary = names.get(bom.primary ?? '')
  const head = {
    type: 'SpdxDocument',
    spdxId: graph.id('document'),
    creationInfo: CREATION_INFO,
    ...(document.comment === undefined ? {} : { comment: document.comment }),
    dataLicense,
    name: document.name,
    profileConformance: ['core', 'simpleLicensing', 'software'],
    rootElement: [sbomId],
  }
  const sbom = {
    type: 'software_Sbom',
    spdxId: sbomId,
    creationInfo: CREATION_INFO,
    profileConformance: ['core', 'simpleLicensing', 'software'],
    rootElement:
      primary === undefined
        ? rootsOf(bom).map((ref) => graph.id(names.get(ref) ?? ref))
        : [graph.id(primary)],
    ...(types.length === 0 ? {} : { software_sbomType: types }),
  }
  const parts: DocumentParts = { document: head, sbom, creationInfo, texts: graph.elements() }
  graph.add('Annotation', 'document.extras', {
    annotationType: 'other',
    contentType: 'text/plain',
    statement: formatExtras({
      ...OUR_FORMAT,
      ...extrasOf(
        flatDocument({
          ...document,
          dataLicense: document.dataLicense ?? DATA_LICENSE,
          extractedLicenses: bom.extractedLicenses.length === 0 ? undefined : bom.extractedLicenses,
        }),
        documentFields(parts, (value) => (typeof value === 'string' ? graph.get(value) : value)),
      ),
    }),
    subject: head.spdxId,
  })
  const all = graph.elements().map(({ spdxId }) => spdxId)
  return [
    { ...head, element: [sbomId, ...all].sort() },
    { ...sbom, element: all },
  ]
}

/** @returns refs of the components that any other one needs */
function addDependencies(graph: Graph, bom: Bom, names: ReadonlyMap<string, string>): ReadonlySet<string> {
  const scopes = new Map(bom.components.map(({ ref, scope }) => [ref, scope]))
  const needed = new Set<string>()
  for (const [ref, name] of names) {
    const { on, completeness } = bom.dependencies.get(ref) ?? { on: [], completeness: 'unknown' }
    const targets = on.filter((to) => names.has(to) && to !== ref)
    for (const to of targets) needed.add(to)
    for (const scope of ['required', 'optional', 'dev'] as const) {
      const to = targets.filter((target) => scopes.get(target) === scope)
      if (to.length > 0)
        addDependency(
          graph,
          name,
          scope,
          completeness,
          to.map((target) => graph.id(names.get(target) as string)),
        )
    }
    if (targets.length > 0 || completeness === 'unknown') continue
    const nobody = completeness === 'complete' ? 'NoneElement' : 'NoAssertionElement'
    addDependency(graph, name, 'required', completeness, [nobody])
  }
  return needed
}

function addDependency(
  graph: Graph,
  name: string,
  scope: Scope,
  completeness: Completeness,
  to: readonly string[],
): void {
  const isScoped = scope !== 'required'
  graph.add(isScoped ? 'LifecycleScopedRelationship' : 'Relationship', `${name}.dependsOn-${scope}`, {
    completeness: completeness === 'unknown' ? 'noAssertion' : completeness,
    from: graph.id(name),
    relationshipType: scope === 'optional' ? 'hasOptionalDependency' : 'dependsOn',
    ...(isScoped ? { scope: scope === 'dev' ? 'development' : 'runtime' } : {}),
    to: [...to].sort(),
  })
}

/** Without a primary component the bill is about all that nothing else needs. */
function rootsOf({ components, dependencies }: Bom): readonly string[] {
  const needed = new Set<string>()
  for (const [from, { on }] of dependencies) for (const to of on) if (to !== from) needed.add(to)
  const roots = components.map(({ ref }) => ref).filter((ref) => !needed.has(ref))
  return roots.length > 0 ? roots : components.map(({ ref }) => ref)
}
