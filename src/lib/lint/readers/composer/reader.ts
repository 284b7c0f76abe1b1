/** `composer.lock` of PHP, with `composer.json` beside it for what the project itself asks for. */
import type { Component, Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  attempt,
  folderOf,
  inFolder,
  oneProject,
  readBeside,
  readLockfile,
  rootComponent,
  unneeded,
} from '../lock/index.ts'
import {
  entries,
  field,
  isTable,
  parseJson,
  string,
  type Table,
  tables,
  UnreadableText,
} from '../parse/index.ts'
import type { ProjectFiles, Reader, ReadProblem } from '../reader.ts'
import { composerComponent, declaredLicense, personOf } from './package.ts'

export const composerReader: Reader = {
  id: 'composer',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      const lock = parseJson(text)
      if (!isTable(lock) || !Array.isArray(field(lock, 'packages')))
        throw new UnreadableText('it is no composer.lock: the list of packages is not there', {
          line: 1,
          column: 1,
        })
      const problems: ReadProblem[] = []
      const manifest = readManifest(inFolder(folderOf(path), 'composer.json'), files, problems)
      const builder = new ProjectBuilder(rootOf(path, manifest))
      for (const one of problems) builder.problems.push(one)
      const locked = [
        ...addPackages(builder, path, field(lock, 'packages'), 'required'),
        ...addPackages(builder, path, field(lock, 'packages-dev'), 'dev'),
      ]
      connect(builder, locked, manifest)
      return oneProject(builder)
    }),
}

interface LockedPackage {
  readonly entry: Table
  readonly ref: string
}

function readManifest(path: string, files: ProjectFiles, problems: ReadProblem[]): Table | undefined {
  return readBeside(path, problems, () => {
    const text = files.text(path)
    const manifest = text === undefined ? undefined : parseJson(text)
    return isTable(manifest) ? manifest : undefined
  })
}

function rootOf(path: string, manifest: Table | undefined): Component {
  const [author] = tables(field(manifest, 'authors'))
  const declared = declaredLicense(field(manifest, 'license'))
  const root = rootComponent(folderOf(path), {
    version: string(field(manifest, 'version')),
    description: string(field(manifest, 'description')),
    author: personOf(author),
    licenses: declared === undefined ? undefined : { declared },
  })
  const name = string(field(manifest, 'name'))
  return name === undefined ? root : { ...root, name }
}

function addPackages(
  builder: ProjectBuilder,
  path: string,
  packages: unknown,
  scope: Scope,
): readonly LockedPackage[] {
  return tables(packages).flatMap((entry) => {
    const ref = attempt(builder, { path }, () => {
      const { component, outside } = composerComponent(entry, path, scope)
      if (outside) builder.warn(`${component.name} lies outside the project`, { path })
      return builder.add(component)
    })
    return ref === undefined ? [] : [{ entry, ref }]
  })
}

function connect(
  builder: ProjectBuilder,
  locked: readonly LockedPackage[],
  manifest: Table | undefined,
): void {
  const named = new Map<string, string[]>()
  const providers = new Map<string, string[]>()
  for (const { entry, ref } of locked) {
    list(named, nameIn(entry)).push(ref)
    for (const key of ['provide', 'replace'])
      for (const [name] of entries(field(entry, key))) list(providers, name.toLowerCase()).push(ref)
  }
  const resolve = (name: string): readonly string[] =>
    named.get(name.toLowerCase()) ?? providers.get(name.toLowerCase()) ?? []
  const edges = locked.flatMap(({ entry, ref }) =>
    entries(field(entry, 'require')).flatMap(([name]) => resolve(name).map((to) => [ref, to] as const)),
  )
  for (const [from, to] of edges) builder.depend(from, to)
  const root = builder.root.ref
  if (manifest === undefined) {
    builder.incomplete(root, 'incomplete')
    for (const ref of unneeded([...new Set(locked.map(({ ref }) => ref))], edges)) builder.depend(root, ref)
    return
  }
  for (const key of ['require', 'require-dev'])
    for (const [name] of entries(field(manifest, key)))
      for (const to of resolve(name)) builder.depend(root, to)
}

function nameIn(entry: Table): string {
  return (string(field(entry, 'name')) ?? '').toLowerCase()
}

function list(map: Map<string, string[]>, key: string): string[] {
  const known = map.get(key)
  if (known !== undefined) return known
  const fresh: string[] = []
  map.set(key, fresh)
  return fresh
}
