/** pylock.toml and pylock.NAME.toml (PEP 751). */
import type { Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  attempt,
  folderOf,
  headerLines,
  manifestFields,
  readLockfile,
  resolveInside,
  rootComponent,
  unknownVersion,
} from '../lock/index.ts'
import {
  array,
  entries,
  field,
  isTable,
  parseToml,
  string,
  strings,
  type Table,
  tables,
} from '../parse/index.ts'
import type { ProjectFiles, Reader, ReadProblem, ReadProject, ReadResult } from '../reader.ts'
import { mayApply } from './marker.ts'
import {
  type Archive,
  archiveFacts,
  type LockedPackage,
  linkPackages,
  namedHash,
  normalizeName,
  type PythonSource,
  pythonComponent,
  readPyproject,
} from './package/index.ts'

export const pylockReader: Reader = {
  id: 'pylock',
  read: (path, files) => readLockfile(path, files, (text) => readPylock(path, text, files)),
}

function readPylock(path: string, text: string, files: ProjectFiles): ReadResult {
  const lock = parseToml(text)
  const version = field(lock, 'lock-version')
  if (version !== undefined && version !== '1.0') unknownVersion(text, /^lock-version\b/m, version, '1.0')
  const folder = folderOf(path)
  const problems: ReadProblem[] = []
  const listed = array(field(lock, 'packages'))
  const own = tables(listed).find((entry) => field(field(entry, 'directory'), 'path') === '.')
  const facts = readPyproject(folder, files, problems)?.facts
  const name = facts?.name ?? string(field(own, 'name'))
  const builder = new ProjectBuilder(
    rootComponent(folder, { occurrences: [{ path }], ...manifestFields({ ...facts, name }) }),
  )
  const lines = headerLines(text, '[[packages]]', listed.length)
  const groups = new Set(strings(field(lock, 'default-groups')).map((group) => group.toLowerCase()))
  const packages: LockedPackage[] = []
  for (const [index, entry] of listed.entries()) {
    const place = { path, line: lines[index] }
    const pack = attempt(builder, place, () => lockedPackage(entry, folder, place, groups))
    if (pack === undefined) builder.warn('a package has no name and is left out', place)
    else if (pack.component.ref !== builder.root.ref) packages.push(pack)
  }
  return { projects: [linked(builder, packages, listed)], problems: [...problems, ...builder.problems] }
}

/** Tools may write edges or not; where a file has none, nothing is known but the list. */
function linked(
  builder: ProjectBuilder,
  packages: readonly LockedPackage[],
  listed: readonly unknown[],
): ReadProject {
  const hasEdges = tables(listed).some((entry) => array(field(entry, 'dependencies')).length > 0)
  if (!hasEdges) {
    for (const { component } of packages) {
      builder.depend(builder.root.ref, builder.add(component))
      builder.incomplete(component.ref, 'unknown')
    }
    return builder.build()
  }
  for (const { component, needs } of packages)
    if (needs.length === 0) builder.incomplete(component.ref, 'unknown')
  return linkPackages(builder, packages, { rootName: undefined, rootNeeds: undefined, isScopeMarked: true })
}

function lockedPackage(
  entry: unknown,
  folder: string,
  place: { readonly path: string; readonly line: number | undefined },
  groups: ReadonlySet<string>,
): LockedPackage | undefined {
  const name = string(field(entry, 'name'))
  if (name === undefined || !isTable(entry)) return undefined
  const archives = [field(entry, 'sdist'), field(entry, 'archive'), ...array(field(entry, 'wheels'))].flatMap(
    archiveOf,
  )
  const source = sourceOf(entry)
  const component = pythonComponent(
    { name, version: string(field(entry, 'version')), source, ...archiveFacts(archives) },
    folder,
    place,
  )
  const needs = tables(field(entry, 'dependencies')).flatMap((one) => {
    const needed = string(field(one, 'name'))
    if (needed === undefined) return []
    return [{ name: normalizeName(needed), version: string(field(one, 'version')), extras: [] }]
  })
  const isInside = source.kind === 'path' && !resolveInside(folder, source.path).outside
  return {
    component: {
      ...component,
      scope: scopeOf(string(field(entry, 'marker')), groups),
      origin: isInside ? 'workspace' : component.origin,
    },
    needs,
    extraNeeds: new Map(),
  }
}

function scopeOf(marker: string | undefined, groups: ReadonlySet<string>): Scope {
  if (marker === undefined || mayApply(marker, { extras: 'none', groups })) return 'required'
  return mayApply(marker, { extras: 'all', groups }) ? 'optional' : 'dev'
}

function sourceOf(entry: Table): PythonSource {
  const vcs = field(entry, 'vcs')
  const url = string(field(vcs, 'url'))
  const local = string(field(vcs, 'path')) ?? string(field(field(entry, 'directory'), 'path'))
  if (url !== undefined) {
    const revision = string(field(vcs, 'commit-id')) ?? string(field(vcs, 'requested-revision'))
    return { kind: 'git', url, revision, subdirectory: string(field(vcs, 'subdirectory')) }
  }
  if (local !== undefined) return { kind: 'path', path: local }
  const archive = field(entry, 'archive')
  const archiveUrl = string(field(archive, 'url'))
  if (archiveUrl !== undefined) return { kind: 'url', url: archiveUrl }
  const archivePath = string(field(archive, 'path'))
  if (archivePath !== undefined) return { kind: 'path', path: archivePath }
  return { kind: 'registry', url: string(field(entry, 'index')) }
}

function archiveOf(file: unknown): Archive[] {
  if (!isTable(file)) return []
  const url = string(field(file, 'url'))
  const hashes = entries(field(file, 'hashes')).flatMap(
    ([algorithm, hex]) => namedHash(algorithm, string(hex) ?? '') ?? [],
  )
  return [{ name: string(field(file, 'name')) ?? url ?? string(field(file, 'path')) ?? '', hashes, url }]
}
