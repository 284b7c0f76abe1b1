/** `mix.lock` of Elixir. What the project itself asks for stands in `mix.exs`, a program, which is not run. */
import type { Component, Occurrence, Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  attempt,
  folderOf,
  hexHash,
  inFolder,
  isOutside,
  manifestFields,
  oneProject,
  readBeside,
  readLockfile,
  resolveInside,
  rootComponent,
  unneeded,
} from '../lock/index.ts'
import { UnreadableText } from '../parse/index.ts'
import type { ProjectFiles, Reader, ReadProblem } from '../reader.ts'
import { propagateScopes, type ScopedEdge } from '../scopes.ts'
import { parseElixirTerm } from './elixir-terms.ts'
import { type MixManifest, readMixManifest } from './mix-manifest.ts'
import { hexComponent, hexGitComponent, localComponent, unknownForm } from './package.ts'
import { isAtom, listItems, option, type Pair, type Term, termText, tupleItems } from './term-scanner.ts'

export const mixReader: Reader = {
  id: 'mix',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      const problems: ReadProblem[] = []
      const manifest = readManifest(inFolder(folderOf(path), 'mix.exs'), files, problems)
      const builder = new ProjectBuilder(rootOf(path, manifest))
      for (const one of problems) builder.problems.push(one)
      const locked = lockedPackages(text)
      const components = new Map<string, Component>()
      for (const { key, value, line } of locked) {
        const place = { path, line }
        const app = termText(key) ?? ''
        const component = attempt(builder, place, () => componentOf(app, value, place))
        if (component === undefined) continue
        if (isOutside(component.ref)) builder.warn(`${app} lies outside the project`, place)
        components.set(app, component)
      }
      connect(builder, locked, components, manifest)
      return oneProject(builder)
    }),
}

function readManifest(path: string, files: ProjectFiles, problems: ReadProblem[]): MixManifest | undefined {
  return readBeside(path, problems, () => {
    const text = files.text(path)
    return text === undefined ? undefined : readMixManifest(text)
  })
}

function rootOf(path: string, manifest: MixManifest | undefined): Component {
  return rootComponent(folderOf(path), manifestFields({ name: manifest?.name, version: manifest?.version }))
}

/** A map today, a keyword list before Elixir 0.15. */
function lockedPackages(text: string): readonly Pair[] {
  if (text.trim() === '') return []
  const term = parseElixirTerm(text)
  if (typeof term === 'object' && 'kind' in term && term.kind === 'map') return term.pairs
  if (!Array.isArray(term))
    throw new UnreadableText('it is no mix.lock: it holds no map', { line: 1, column: 1 })
  return listItems(term).flatMap((item) => {
    const [key, value] = tupleItems(item)
    return key === undefined || value === undefined ? [] : [{ key, value, line: 1 }]
  })
}

function componentOf(app: string, value: Term, place: Occurrence): Component {
  const [kind, ...fields] = tupleItems(value)
  if (isAtom(kind, 'hex') || isAtom(kind, 'package')) {
    const [name, version, , , , repository, outer] = isAtom(kind, 'hex') ? fields : [app, ...fields]
    return hexComponent({
      name: termText(name) ?? app,
      version: termText(version),
      repository: termText(repository),
      // The first checksum is of what lies inside the archive, the second of the archive.
      hash: hexHash('sha256', termText(outer) ?? ''),
      place,
    })
  }
  if (isAtom(kind, 'git')) {
    const [url, revision, options] = fields
    return hexGitComponent({
      name: app,
      url: termText(url) ?? '',
      revision: termText(revision),
      subfolder: termText(option(options, 'subdir') ?? option(options, 'sparse')),
      place,
    })
  }
  if (isAtom(kind, 'path') && app !== '')
    return localComponent(app, resolveInside(folderOf(place.path), termText(fields[0]) ?? '.').path, place)
  throw unknownForm(app)
}

/** The project needs what its manifest names, and what nobody else needs: an umbrella shares one lockfile. */
function connect(
  builder: ProjectBuilder,
  locked: readonly Pair[],
  components: ReadonlyMap<string, Component>,
  manifest: MixManifest | undefined,
): void {
  const root = builder.root.ref
  const edges = locked.flatMap((entry) => edgesOf(builder, entry, components))
  const direct = new Map<string, Scope>()
  for (const [app, scope] of manifest?.dependencies ?? []) {
    const component = components.get(app)
    if (component !== undefined) direct.set(component.ref, scope)
  }
  const refs = [...components.values()].map(({ ref }) => ref)
  const asked = [...direct.keys()].map((ref): [string, string] => [root, ref])
  const others = unneeded([root, ...refs], [...asked, ...edges.map(([from, to]) => [from, to] as const)])
  for (const ref of others) if (ref !== root) direct.set(ref, 'required')
  if (asked.length === 0 || others.length > 1) builder.incomplete(root, 'incomplete')
  for (const component of propagateScopes([...components.values()], direct, edges)) builder.add(component)
  for (const [from, to] of edges) builder.depend(from, to)
  for (const ref of direct.keys()) builder.depend(root, ref)
}

function edgesOf(
  builder: ProjectBuilder,
  { key, value }: Pair,
  components: ReadonlyMap<string, Component>,
): readonly ScopedEdge[] {
  const from = components.get(termText(key) ?? '')?.ref
  if (from === undefined) return []
  const [kind, , , , , needs] = tupleItems(value)
  if (!isAtom(kind, 'hex') || needs === undefined) builder.incomplete(from, 'unknown')
  return listItems(needs).flatMap((need) => {
    const [app, , options] = tupleItems(need)
    const to = components.get(termText(app) ?? '')?.ref
    const scope = isAtom(option(options, 'optional'), 'true') ? 'optional' : 'required'
    return to === undefined ? [] : [[from, to, scope] as const]
  })
}
