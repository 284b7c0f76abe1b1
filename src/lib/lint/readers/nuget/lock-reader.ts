/** `packages.lock.json` of NuGet, versions 1 and 2: one graph for each target framework. */
import type { Component } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import { attempt, folderOf, oneProject, readLockfile, rootComponent } from '../lock/index.ts'
import { entries, field, isTable, parseJson, string, UnreadableText } from '../parse/index.ts'
import type { ProjectFiles, ReadResult } from '../reader.ts'
import { nugetComponent, projectComponent } from './package.ts'
import { findProject, projectName } from './project-files.ts'

/** By the name in lower case: NuGet compares names without regard to case. */
type Refs = ReadonlyMap<string, string>

export function readNugetLock(path: string, files: ProjectFiles): ReadResult {
  return readLockfile(path, files, (text) => {
    const lock = parseJson(text)
    const version = field(lock, 'version')
    if (!isTable(lock) || (version !== 1 && version !== 2))
      throw new UnreadableText(`it has version ${JSON.stringify(version)}; versions 1 and 2 are known`, {
        line: 1,
        column: 1,
      })
    const folder = folderOf(path)
    const root = rootComponent(folder)
    const builder = new ProjectBuilder({ ...root, name: projectName(folder, files) ?? root.name })
    const targets = new Map(entries(field(lock, 'dependencies')))
    const spelling = new Map<string, string>()
    const refs = new Map(
      [...targets].map(([target, packages]) => [
        target,
        addPackages(builder, packages, { path, files, spelling }),
      ]),
    )
    for (const [target, packages] of targets) connect(builder, packages, resolver(target, refs))
    return oneProject(builder)
  })
}

interface Context {
  readonly path: string
  readonly files: ProjectFiles
  /** The first spelling of each name, so that two frameworks do not make two packages of one. */
  readonly spelling: Map<string, string>
}

function addPackages(builder: ProjectBuilder, packages: unknown, context: Context): Refs {
  const refs = new Map<string, string>()
  for (const [name, entry] of entries(packages)) {
    const ref = attempt(builder, { path: context.path }, () => builder.add(componentOf(name, entry, context)))
    if (ref !== undefined) refs.set(name.toLowerCase(), ref)
  }
  return refs
}

function componentOf(written: string, entry: unknown, { path, files, spelling }: Context): Component {
  const name = spelling.get(written.toLowerCase()) ?? written
  spelling.set(written.toLowerCase(), name)
  if (field(entry, 'type') === 'Project') {
    const found = findProject(name, folderOf(path), files)
    return projectComponent(found?.name ?? name, undefined, found?.folder, { path })
  }
  return nugetComponent({
    name,
    version: string(field(entry, 'resolved')),
    contentHash: string(field(entry, 'contentHash')),
    place: { path },
  })
}

/** The part for one runtime (`net8.0/win-x64`) holds only what differs from its framework. */
function resolver(target: string, refs: ReadonlyMap<string, Refs>): (name: string) => string | undefined {
  const own = refs.get(target)
  const framework = refs.get(target.split('/')[0] ?? target)
  return (name) => own?.get(name.toLowerCase()) ?? framework?.get(name.toLowerCase())
}

function connect(
  builder: ProjectBuilder,
  packages: unknown,
  resolve: (name: string) => string | undefined,
): void {
  for (const [name, entry] of entries(packages)) {
    const from = resolve(name)
    if (from === undefined) continue
    // Projects that this one refers to stand in the list without a mark; nobody else's do.
    const type = field(entry, 'type')
    if (type === 'Direct' || type === 'Project') builder.depend(builder.root.ref, from)
    for (const [need] of entries(field(entry, 'dependencies'))) {
      const to = resolve(need)
      if (to !== undefined) builder.depend(from, to)
    }
  }
}
