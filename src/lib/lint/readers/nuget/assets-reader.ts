/**
 * What the .NET SDK writes down of a graph: `obj/project.assets.json` at restore, and `NAME.deps.json` beside a
 * built program. Both have `targets` and `libraries` by `name/version`.
 */
import type { Component, Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  attempt,
  folderOf,
  nameOf,
  oneProject,
  readLockfile,
  rootComponent,
  unneeded,
} from '../lock/index.ts'
import { entries, field, isTable, parseJson, string, strings, UnreadableText } from '../parse/index.ts'
import type { ProjectFiles, ReadResult } from '../reader.ts'
import { propagateScopes } from '../scopes.ts'
import { nugetComponent, projectComponent } from './package.ts'
import { folderOfProjectFile } from './project-files.ts'

/** The SDK puts this before the name of the package that a self-contained program gets its runtime from. */
const RUNTIME_PACK = /^runtimepack\./

export function readNugetAssets(path: string, files: ProjectFiles): ReadResult {
  return readLockfile(path, files, (text) => {
    const assets = parseJson(text)
    if (!isTable(assets) || !isTable(field(assets, 'targets')) || !isTable(field(assets, 'libraries')))
      throw new UnreadableText('it is no list of assets: targets or libraries are not there', {
        line: 1,
        column: 1,
      })
    return nameOf(path) === 'project.assets.json' ? readAssets(assets, path) : readDeps(assets, path)
  })
}

function readAssets(assets: unknown, path: string): ReadResult {
  const folder = nameOf(folderOf(path)) === 'obj' ? folderOf(folderOf(path)) : folderOf(path)
  const project = field(assets, 'project')
  const root = rootComponent(folder)
  const builder = new ProjectBuilder({
    ...root,
    name: string(field(field(project, 'restore'), 'projectName')) ?? root.name,
    version: string(field(project, 'version')),
  })
  const graph = readGraph(builder, assets, path, folder, undefined)
  const direct = new Map<string, Scope>()
  const refsOf = (name: string) => graph.refs.get(name.toLowerCase()) ?? []
  // With all its assets private a package serves the build, and who uses this project does not get it.
  for (const [, framework] of entries(field(project, 'frameworks')))
    for (const [name, wanted] of entries(field(framework, 'dependencies')))
      for (const ref of refsOf(name))
        if (direct.get(ref) !== 'required')
          direct.set(ref, field(wanted, 'suppressParent') === 'All' ? 'dev' : 'required')
  for (const [, names] of entries(field(assets, 'projectFileDependencyGroups')))
    for (const text of strings(names))
      for (const ref of refsOf(text.split(' ')[0] ?? '')) if (!direct.has(ref)) direct.set(ref, 'required')
  for (const ref of direct.keys()) builder.depend(builder.root.ref, ref)
  return finish(builder, graph, direct)
}

function readDeps(assets: unknown, path: string): ReadResult {
  const folder = folderOf(path)
  const name = nameOf(path).replace(/\.deps\.json$/, '')
  const own = entries(field(assets, 'libraries')).find(
    ([key, library]) => field(library, 'type') === 'project' && key.split('/')[0] === name,
  )?.[0]
  const root = rootComponent(folder)
  const builder = new ProjectBuilder({ ...root, name, version: own?.split('/')[1] })
  const graph = readGraph(builder, assets, path, folder, own)
  if (own === undefined) {
    builder.incomplete(builder.root.ref, 'incomplete')
    const refs = graph.components.map(({ ref }) => ref)
    for (const ref of unneeded([...new Set(refs)], graph.edges)) builder.depend(builder.root.ref, ref)
  }
  return finish(builder, graph, new Map())
}

interface Graph {
  readonly components: readonly Component[]
  readonly edges: readonly (readonly [string, string])[]
  /** By name in lower case; several versions where the frameworks differ. */
  readonly refs: ReadonlyMap<string, readonly string[]>
}

/** @param own key of the library that is the project itself */
function readGraph(
  builder: ProjectBuilder,
  assets: unknown,
  path: string,
  folder: string,
  own: string | undefined,
): Graph {
  const byKey = new Map<string, string>()
  const components: Component[] = []
  const refs = new Map<string, string[]>()
  if (own !== undefined) byKey.set(own.toLowerCase(), builder.root.ref)
  for (const [key, library] of entries(field(assets, 'libraries'))) {
    if (key === own) continue
    const component = attempt(builder, { path }, () => componentOf(key, library, path, folder))
    if (component === undefined) continue
    byKey.set(key.toLowerCase(), component.ref)
    components.push(component)
    const name = (key.split('/')[0] ?? '').toLowerCase()
    refs.set(name, [...(refs.get(name) ?? []), component.ref])
  }
  const edges: (readonly [string, string])[] = []
  for (const [, target] of entries(field(assets, 'targets'))) {
    const versions = new Map(entries(target).map(([key]) => [(key.split('/')[0] ?? '').toLowerCase(), key]))
    for (const [key, library] of entries(target)) {
      const from = byKey.get(key.toLowerCase())
      for (const [need] of entries(field(library, 'dependencies'))) {
        const to = byKey.get((versions.get(need.toLowerCase()) ?? '').toLowerCase())
        if (from !== undefined && to !== undefined) edges.push([from, to])
      }
    }
  }
  return { components, edges, refs }
}

function componentOf(key: string, library: unknown, path: string, folder: string): Component {
  const [name = '', version] = key.split('/')
  const type = field(library, 'type')
  if (type === 'project') {
    const file = string(field(library, 'msbuildProject')) ?? string(field(library, 'path'))
    return projectComponent(
      name,
      version,
      file === undefined ? undefined : folderOfProjectFile(folder, file),
      { path },
    )
  }
  if (type === 'reference')
    return {
      ...projectComponent(name, version, undefined, { path }),
      ref: `nuget-reference:${key}`,
      origin: 'bundled',
    }
  return nugetComponent({
    name: name.replace(RUNTIME_PACK, ''),
    version,
    contentHash: string(field(library, 'sha512'))?.replace(/^sha512-/, ''),
    place: { path },
  })
}

function finish(builder: ProjectBuilder, graph: Graph, direct: ReadonlyMap<string, Scope>): ReadResult {
  for (const component of propagateScopes(graph.components, direct, graph.edges)) builder.add(component)
  for (const [from, to] of graph.edges) builder.depend(from, to)
  return oneProject(builder)
}
