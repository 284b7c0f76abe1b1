/** uv.lock, version 1, and the lock of one script, `NAME.py.lock`, which has the same format. */
import type { Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  attempt,
  folderOf,
  headerLines,
  manifestFields,
  nameOf,
  readLockfile,
  resolveInside,
  rootComponent,
  unknownVersion,
} from '../lock/index.ts'
import { array, entries, field, parseToml, string, strings, type Table, tables } from '../parse/index.ts'
import type { ProjectFiles, Reader, ReadProblem, ReadResult } from '../reader.ts'
import {
  type Archive,
  archiveFacts,
  type LockedPackage,
  linkPackages,
  type Need,
  normalizeName,
  type PythonSource,
  prefixedHash,
  pythonComponent,
  type RootNeed,
  readPyproject,
} from './package/index.ts'

export const uvReader: Reader = {
  id: 'uv',
  read: (path, files) => readLockfile(path, files, (text) => readUv(path, text, files)),
}

/** Sources of what lies in the project itself. */
const LOCAL_SOURCES = ['editable', 'virtual', 'directory', 'path'] as const

function readUv(path: string, text: string, files: ProjectFiles): ReadResult {
  const lock = parseToml(text)
  const version = field(lock, 'version')
  if (version !== undefined && version !== 1) unknownVersion(text, /^version\b/m, version, '1')
  const folder = folderOf(path)
  const problems: ReadProblem[] = []
  const script = /\.py\.lock$/.test(path) ? path.slice(0, -'.lock'.length) : undefined
  const facts =
    script === undefined ? readPyproject(folder, files, problems)?.facts : { name: nameOf(script) }
  const listed = array(field(lock, 'package'))
  const lines = headerLines(text, '[[package]]', listed.length)
  const root = tables(listed).find((entry) => localPath(entry) === '.')
  const builder = new ProjectBuilder(
    rootComponent(script ?? folder, {
      occurrences: [{ path }],
      ...manifestFields({ ...facts, ...ownFacts(root) }),
    }),
  )
  const members = new Set(strings(field(field(lock, 'manifest'), 'members')).map(normalizeName))
  const packages: LockedPackage[] = []
  const rootNeeds: RootNeed[] = root === undefined ? [] : [...ownNeeds(root)]
  for (const [index, entry] of listed.entries()) {
    if (entry === root) continue
    const place = { path, line: lines[index] }
    const pack = attempt(builder, place, () => lockedPackage(entry, members, folder, place))
    if (pack === undefined) {
      builder.warn('a package has no name and is left out', place)
      continue
    }
    packages.push(pack)
    const { component } = pack
    if (component.origin === 'path' && resolveInside('.', component.ref.slice('path:'.length)).outside)
      builder.warn(`${component.name} lies outside the scanned folder`, place)
    if (component.origin === 'workspace') rootNeeds.push(memberNeed(pack))
  }
  for (const one of manifestNeeds(field(lock, 'manifest'))) rootNeeds.push(one)
  const isRootKnown = root !== undefined || rootNeeds.length > 0
  const project = linkPackages(builder, packages, {
    rootName: string(field(root, 'name')) ?? facts?.name,
    rootNeeds: isRootKnown ? rootNeeds : undefined,
    isScopeMarked: false,
  })
  return { projects: [project], problems: [...problems, ...builder.problems] }
}

function ownFacts(root: Table | undefined): { readonly name?: string; readonly version?: string } {
  const name = string(field(root, 'name'))
  const version = string(field(root, 'version'))
  return { ...(name === undefined ? {} : { name }), ...(version === undefined ? {} : { version }) }
}

/** A workspace is all of its members, with all of their extras. */
function memberNeed({ component, extraNeeds }: LockedPackage): RootNeed {
  return {
    name: component.name,
    version: component.version,
    extras: [...extraNeeds.keys()],
    scope: 'required',
  }
}

/** The project that a script or a workspace without a root asks for. */
function manifestNeeds(manifest: unknown): readonly RootNeed[] {
  return [
    ...needsOf(field(manifest, 'requirements')).map((need) => ({ ...need, scope: 'required' as const })),
    ...entries(field(manifest, 'dependency-groups')).flatMap(([, list]) =>
      needsOf(list).map((need) => ({ ...need, scope: 'dev' as const })),
    ),
  ]
}

function* ownNeeds(root: Table): Generator<RootNeed> {
  const lists: [unknown, Scope][] = [
    [field(root, 'dependencies'), 'required'],
    ...entries(field(root, 'optional-dependencies')).map(([, list]): [unknown, Scope] => [list, 'optional']),
    ...devLists(root).map((list): [unknown, Scope] => [list, 'dev']),
  ]
  for (const [list, scope] of lists) for (const need of needsOf(list)) yield { ...need, scope }
}

function devLists(entry: unknown): readonly unknown[] {
  return [...entries(field(entry, 'dev-dependencies')), ...entries(field(entry, 'dependency-groups'))].map(
    ([, list]) => list,
  )
}

function lockedPackage(
  entry: unknown,
  members: ReadonlySet<string>,
  folder: string,
  place: { readonly path: string; readonly line: number | undefined },
): LockedPackage | undefined {
  const name = string(field(entry, 'name'))
  if (name === undefined) return undefined
  const source = sourceOf(field(entry, 'source'), members.has(normalizeName(name)))
  const sdist = archiveOf(field(entry, 'sdist'))
  const archives = sdist.length > 0 ? sdist : array(field(entry, 'wheels')).flatMap(archiveOf)
  const component = pythonComponent(
    { name, version: string(field(entry, 'version')), source, ...archiveFacts(archives) },
    folder,
    place,
  )
  const extraNeeds = new Map(
    entries(field(entry, 'optional-dependencies')).map(([extra, list]) => [
      normalizeName(extra),
      needsOf(list),
    ]),
  )
  return {
    component,
    needs: needsOf(field(entry, 'dependencies')),
    extraNeeds,
    devNeeds: devLists(entry).flatMap(needsOf),
  }
}

function needsOf(list: unknown): readonly Need[] {
  return tables(list).flatMap((one) => {
    const name = string(field(one, 'name'))
    if (name === undefined) return []
    return [
      {
        name: normalizeName(name),
        version: string(field(one, 'version')),
        extras: strings(field(one, 'extra')).map(normalizeName),
      },
    ]
  })
}

function localPath(entry: unknown): string | undefined {
  const source = field(entry, 'source')
  for (const kind of LOCAL_SOURCES) {
    const path = string(field(source, kind))
    if (path !== undefined) return path
  }
  return undefined
}

function sourceOf(source: unknown, isMember: boolean): PythonSource {
  const git = string(field(source, 'git'))
  if (git !== undefined) {
    const [address = '', revision] = git.split('#')
    const [url = '', query] = address.split('?')
    const subdirectory = new URLSearchParams(query).get('subdirectory') ?? undefined
    return { kind: 'git', url, revision, subdirectory }
  }
  const url = string(field(source, 'url'))
  if (url !== undefined) return { kind: 'url', url }
  const path = localPath({ source })
  if (path !== undefined) return { kind: 'path', path, isMember }
  return { kind: 'registry', url: string(field(source, 'registry')) }
}

function archiveOf(file: unknown): Archive[] {
  const url = string(field(file, 'url'))
  const name = url ?? string(field(file, 'path')) ?? string(field(file, 'filename'))
  const hash = prefixedHash(string(field(file, 'hash')) ?? '')
  return name === undefined ? [] : [{ name, hashes: hash === undefined ? [] : [hash], url }]
}
