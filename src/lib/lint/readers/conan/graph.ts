/** The graph of a `conan.lock` of Conan 1: nodes by id, of which one is the project itself. */
import type { Component } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import { attempt, folderOf, oneProject, rootComponent } from '../lock/index.ts'
import { entries, field, isTable, string, strings } from '../parse/index.ts'
import type { ReadResult } from '../reader.ts'
import { propagateScopes } from '../scopes.ts'
import { conanComponent, parseConanReference } from './reference.ts'

export function readConanGraph(graph: unknown, path: string): ReadResult {
  const nodes = new Map(entries(field(graph, 'nodes')))
  const project = [...nodes].find(([, node]) => isProject(node))
  const builder = new ProjectBuilder(rootOf(project?.[1], path))
  const root = builder.root.ref
  const refs = new Map<string, string>()
  const components: Component[] = []
  if (project !== undefined) refs.set(project[0], root)
  for (const [id, node] of nodes) {
    if (id === project?.[0]) continue
    const component = attempt(builder, { path }, () => packageOf(node, path))
    if (component === undefined) continue
    refs.set(id, component.ref)
    components.push(component)
  }
  const runTime: (readonly [string, string])[] = []
  for (const [id, node] of nodes) {
    const from = refs.get(id)
    if (from === undefined) continue
    const needs = locate(field(node, 'requires'), refs)
    for (const to of needs) runTime.push([from, to])
    for (const to of [...needs, ...locate(field(node, 'build_requires'), refs)]) builder.depend(from, to)
  }
  // What nothing reaches at run time are tools for building, and what those need.
  const roots = project === undefined ? components.map(({ ref }) => ref) : [root]
  const direct = new Map(roots.map((ref) => [ref, 'required' as const]))
  for (const component of propagateScopes(components, direct, runTime)) {
    builder.add(component)
    if (project === undefined) builder.depend(root, component.ref)
  }
  return oneProject(builder)
}

/** @throws AivError `E_MALFORMED` */
function packageOf(node: unknown, path: string): Component {
  const packageId = string(field(node, 'package_id'))
  return {
    ...conanComponent(referenceOf(node) ?? '', 'dev', path),
    properties: packageId === undefined ? undefined : { 'aiv:conan:package-id': packageId },
  }
}

/** The project has a recipe in a folder, and no package of it was made. */
function isProject(node: unknown): boolean {
  return isTable(node) && (string(field(node, 'path')) !== undefined || field(node, 'pref') === null)
}

/** Conan 1.17 to 1.27 wrote `pref`: the reference, the id of the package and its revision. */
function referenceOf(node: unknown): string | undefined {
  return string(field(node, 'ref')) ?? string(field(node, 'pref'))
}

function rootOf(node: unknown, path: string): Component {
  const root = rootComponent(folderOf(path))
  const reference = referenceOf(node)
  if (reference === undefined) return root
  try {
    const { name, version } = parseConanReference(reference)
    return { ...root, name, version: version === 'None' ? undefined : version }
  } catch {
    // A recipe without name and version is allowed; its folder names the project.
    return root
  }
}

/** Ids in a list, or as values of a table whose keys are references. */
function locate(needs: unknown, refs: ReadonlyMap<string, string>): readonly string[] {
  const ids = [...strings(needs), ...entries(needs).flatMap(([, id]) => (typeof id === 'string' ? [id] : []))]
  return ids.flatMap((id) => refs.get(id) ?? [])
}
