/** Makes one bill of materials of all projects that a scan found. */
import {
  type Bom,
  type BomDocument,
  type Completeness,
  type Component,
  type Dependencies,
  type ExtractedLicense,
  NAMELESS,
  TOP_REF,
} from '../bom/index.ts'
import { mergeComponents, type ReadProject } from '../readers/index.ts'

export interface Primary {
  readonly name?: string | undefined
  readonly version?: string | undefined
}

/**
 * @param projects in an order that does not depend on the machine: where two say different things of one component,
 *   the first is believed
 * @param primary what the user says of the component at the top, before what files say
 */
export function assemble(projects: readonly ReadProject[], primary: Primary, document: BomDocument): Bom {
  const components = new Map<string, Component>()
  const graph = new Graph()
  const licenses = new Map<string, ExtractedLicense>()
  const put = (component: Component): void => {
    const known = components.get(component.ref)
    components.set(component.ref, known === undefined ? component : mergeComponents(known, component))
  }
  put(topOf(projects))
  for (const project of projects) {
    put(project.root)
    for (const component of project.components) put(component)
    graph.add(project)
    for (const license of project.extractedLicenses ?? []) licenses.set(license.id, license)
  }
  const top = components.get(TOP_REF)
  if (top !== undefined) components.set(TOP_REF, renamed(top, primary))
  const contained = new Set(projects.flatMap((project) => project.components.map(({ ref }) => ref)))
  for (const { root } of projects)
    if (root.ref !== TOP_REF && !contained.has(root.ref)) graph.edge(TOP_REF, root.ref)
  const sorted = [...components.values()].sort(byRef)
  return {
    document,
    primary: TOP_REF,
    components: sorted,
    dependencies: graph.dependencies(sorted),
    extractedLicenses: [...licenses.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
  }
}

/** The first project at the top that knows its version, else its name. */
function topOf(projects: readonly ReadProject[]): Component {
  const roots = projects.map(({ root }) => root).filter(({ ref }) => ref === TOP_REF)
  const named = roots.filter((root) => root.name !== NAMELESS)
  return (
    named.find((root) => root.version !== undefined) ??
    named[0] ??
    roots[0] ?? { ref: TOP_REF, type: 'application', name: NAMELESS, origin: 'workspace', scope: 'required' }
  )
}

/** Another name or version makes another package of it, which no registry has. */
function renamed(top: Component, { name, version }: Primary): Component {
  if (name === undefined && version === undefined) return top
  return { ...top, name: name ?? top.name, version: version ?? top.version, purl: undefined }
}

const RANK: Readonly<Record<Completeness, number>> = { complete: 0, incomplete: 1, unknown: 2 }

class Graph {
  readonly #edges = new Map<string, Set<string>>()
  readonly #known = new Map<string, Completeness>()

  add({ root, components, edges, incomplete }: ReadProject): void {
    for (const [from, to] of edges) this.edge(from, to)
    for (const { ref } of [root, ...components]) {
      const said = incomplete?.get(ref) ?? 'complete'
      const before = this.#known.get(ref)
      // One file that knows everything of a component is enough; of the top, each file knows only its own part.
      const better = ref === TOP_REF ? Math.max : Math.min
      if (before === undefined || better(RANK[said], RANK[before]) === RANK[said]) this.#known.set(ref, said)
    }
  }

  edge(from: string, to: string): void {
    const list = this.#edges.get(from)
    if (list === undefined) this.#edges.set(from, new Set([to]))
    else list.add(to)
  }

  dependencies(components: readonly Component[]): ReadonlyMap<string, Dependencies> {
    return new Map(
      components.map(({ ref }) => [
        ref,
        { on: [...(this.#edges.get(ref) ?? [])].sort(), completeness: this.#known.get(ref) ?? 'unknown' },
      ]),
    )
  }
}

function byRef(a: Component, b: Component): number {
  return a.ref < b.ref ? -1 : 1
}
