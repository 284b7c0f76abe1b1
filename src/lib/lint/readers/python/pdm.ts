/** pdm.lock, versions 2 to 4. */
import type { Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  attempt,
  folderOf,
  headerLines,
  manifestFields,
  readLockfile,
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
import type { ProjectFiles, Reader, ReadProblem, ReadResult } from '../reader.ts'
import {
  type Archive,
  archiveFacts,
  type LockedPackage,
  linkPackages,
  type Need,
  normalizeName,
  type PyProject,
  type PythonSource,
  parseRequirement,
  prefixedHash,
  pythonComponent,
  readPyproject,
} from './package/index.ts'

export const pdmReader: Reader = {
  id: 'pdm',
  read: (path, files) => readLockfile(path, files, (text) => readPdm(path, text, files)),
}

function readPdm(path: string, text: string, files: ProjectFiles): ReadResult {
  const lock = parseToml(text)
  const metadata = field(lock, 'metadata')
  const version = field(metadata, 'lock_version')
  if (version !== undefined && !(typeof version === 'string' && /^[234](?:\.\d+){0,2}$/.test(version)))
    unknownVersion(text, /^lock_version\b/m, version, '2 to 4')
  const folder = folderOf(path)
  const problems: ReadProblem[] = []
  const manifest = readPyproject(folder, files, problems)
  const builder = new ProjectBuilder(
    rootComponent(folder, { occurrences: [{ path }], ...manifestFields(manifest?.facts ?? {}) }),
  )
  const listed = array(field(lock, 'package'))
  const lines = headerLines(text, '[[package]]', listed.length)
  const archives = oldArchives(metadata)
  const packages: LockedPackage[] = []
  for (const [index, entry] of listed.entries()) {
    const place = { path, line: lines[index] }
    const pack = attempt(builder, place, () => lockedPackage(entry, folder, place, manifest, archives))
    if (pack === undefined) builder.warn('a package has no name and is left out', place)
    else packages.push(pack)
  }
  const project = linkPackages(builder, packages, {
    rootName: manifest?.facts.name,
    rootNeeds: manifest?.needs,
    isScopeMarked: tables(listed).some((entry) => strings(field(entry, 'groups')).length > 0),
  })
  return { projects: [project], problems: [...problems, ...builder.problems] }
}

function lockedPackage(
  entry: unknown,
  folder: string,
  place: { readonly path: string; readonly line: number | undefined },
  manifest: PyProject | undefined,
  old: ReadonlyMap<string, readonly Archive[]>,
): LockedPackage | undefined {
  const name = string(field(entry, 'name'))
  if (name === undefined || !isTable(entry)) return undefined
  const version = string(field(entry, 'version'))
  const listed = tables(field(entry, 'files'))
  const archives = listed.length > 0 ? listed.flatMap(archiveOf) : (old.get(`${name} ${version}`) ?? [])
  const component = pythonComponent(
    {
      name,
      version,
      source: sourceOf(entry),
      ...archiveFacts(archives),
      description: string(field(entry, 'summary')),
    },
    folder,
    place,
  )
  const needs = strings(field(entry, 'dependencies')).flatMap(needOf)
  // A package with extras has an entry of its own for each set of them, which needs the plain one.
  const extras = strings(field(entry, 'extras')).map(normalizeName)
  return {
    component: { ...component, scope: scopeOf(strings(field(entry, 'groups')), manifest) },
    needs: extras.length === 0 ? needs : [],
    extraNeeds: new Map(extras.map((extra) => [extra, needs])),
  }
}

function needOf(text: string): readonly Need[] {
  const requirement = parseRequirement(text)
  return requirement === undefined ? [] : [{ ...requirement, name: normalizeName(requirement.name) }]
}

/** Groups are extras and groups for development alike; pyproject.toml tells which, else the usual name does. */
function scopeOf(groups: readonly string[], manifest: PyProject | undefined): Scope {
  if (groups.length === 0 || groups.includes('default')) return 'required'
  const isOptional = groups.some((group) =>
    manifest === undefined ? normalizeName(group) !== 'dev' : manifest.extras.has(normalizeName(group)),
  )
  return isOptional ? 'optional' : 'dev'
}

function sourceOf(entry: Table): PythonSource {
  const text = (key: string) => string(field(entry, key))
  const git = text('git')
  const subdirectory = text('subdirectory')
  if (git !== undefined)
    return { kind: 'git', url: git, revision: text('revision') ?? text('ref'), subdirectory }
  const path = text('path')
  if (path !== undefined) return { kind: 'path', path }
  const url = text('url')
  if (url === undefined) return { kind: 'registry' }
  return url.startsWith('file:') ? { kind: 'path', path: url } : { kind: 'url', url }
}

function archiveOf(file: Table): Archive[] {
  const url = string(field(file, 'url'))
  const hash = prefixedHash(string(field(file, 'hash')) ?? '')
  return [{ name: string(field(file, 'file')) ?? url ?? '', hashes: hash === undefined ? [] : [hash], url }]
}

/** Until version 4.0 one table had the files of all packages, by `NAME VERSION`. */
function oldArchives(metadata: unknown): ReadonlyMap<string, readonly Archive[]> {
  return new Map(
    entries(field(metadata, 'files')).map(([key, list]) => [
      key.replace(/^([^[\s]+)\[[^\]]*\]/, '$1'),
      tables(list).flatMap(archiveOf),
    ]),
  )
}
