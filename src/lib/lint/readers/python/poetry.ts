/** poetry.lock, of Poetry 1 and 2. */
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
import type { ProjectFiles, Reader, ReadResult } from '../reader.ts'
import {
  type Archive,
  archiveFacts,
  type LockedPackage,
  linkPackages,
  type Need,
  normalizeName,
  type PythonSource,
  parseRequirement,
  prefixedHash,
  pythonComponent,
  readPyproject,
} from './package/index.ts'

export const poetryReader: Reader = {
  id: 'poetry',
  read: (path, files) => readLockfile(path, files, (text) => readPoetry(path, text, files)),
}

function readPoetry(path: string, text: string, files: ProjectFiles): ReadResult {
  const lock = parseToml(text)
  const metadata = field(lock, 'metadata')
  const version = field(metadata, 'lock-version')
  // Poetry before 1.0 wrote none.
  if (version !== undefined && !(typeof version === 'string' && /^[12]\.\d+$/.test(version)))
    unknownVersion(text, /^lock-version\b/m, version, '1.0 to 2.1')
  const folder = folderOf(path)
  const problems: ReadResult['problems'][number][] = []
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
    const pack = attempt(builder, place, () => lockedPackage(entry, folder, place, archives))
    if (pack === undefined) builder.warn('a package has no name or no version and is left out', place)
    else packages.push(pack)
  }
  const isScopeMarked = tables(listed).some((entry) => scopeOf(entry) !== undefined)
  const project = linkPackages(builder, packages, {
    rootName: manifest?.facts.name,
    rootNeeds: manifest?.needs,
    isScopeMarked,
  })
  return { projects: [project], problems: [...problems, ...builder.problems] }
}

function lockedPackage(
  entry: unknown,
  folder: string,
  place: { readonly path: string; readonly line: number | undefined },
  old: ReadonlyMap<string, readonly Archive[]>,
): LockedPackage | undefined {
  const name = string(field(entry, 'name'))
  const version = string(field(entry, 'version'))
  if (name === undefined || version === undefined || !isTable(entry)) return undefined
  const listed = tables(field(entry, 'files'))
  const archives = listed.length > 0 ? listed.flatMap(archiveOf) : (old.get(normalizeName(name)) ?? [])
  const component = pythonComponent(
    {
      name,
      version,
      source: sourceOf(field(entry, 'source')),
      ...archiveFacts(archives),
      description: string(field(entry, 'description')),
    },
    folder,
    place,
  )
  const needs = [...needsOf(field(entry, 'dependencies'))]
  const extraNeeds = new Map<string, readonly Need[]>()
  for (const [extra, list] of entries(field(entry, 'extras'))) {
    const names = new Set(strings(list).map((one) => normalizeName(parseRequirement(one)?.name ?? '')))
    const extras = new Map(
      strings(list).map((one) => [
        normalizeName(parseRequirement(one)?.name ?? ''),
        parseRequirement(one)?.extras ?? [],
      ]),
    )
    const own = normalizeName(name)
    extraNeeds.set(normalizeName(extra), [
      ...needs.filter(({ need, isOptional }) => isOptional && names.has(need.name)).map(({ need }) => need),
      // `all = ["name[one,two]"]`
      ...(names.has(own) ? [{ name: own, version, extras: extras.get(own) ?? [] }] : []),
    ])
  }
  return {
    component: { ...component, scope: scopeOf(entry) ?? 'required' },
    needs: needs.filter(({ isOptional }) => !isOptional).map(({ need }) => need),
    extraNeeds,
  }
}

/** Lock 1.x has a category, 2.1 the groups; between them neither was written. */
function scopeOf(entry: Table): Scope | undefined {
  const groups = strings(field(entry, 'groups'))
  const category = string(field(entry, 'category'))
  if (groups.length === 0 && category === undefined) return undefined
  if (!groups.includes('main') && category !== 'main') return 'dev'
  return field(entry, 'optional') === true ? 'optional' : 'required'
}

function* needsOf(table: unknown): Generator<{ readonly need: Need; readonly isOptional: boolean }> {
  for (const [name, value] of entries(table))
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one !== 'string' && !isTable(one)) continue
      yield {
        need: {
          name: normalizeName(name),
          extras: strings(field(one, 'extras')).map(normalizeName),
          specifier: string(one) ?? string(field(one, 'version')),
        },
        isOptional: field(one, 'optional') === true,
      }
    }
}

function sourceOf(source: unknown): PythonSource {
  const url = string(field(source, 'url'))
  const type = string(field(source, 'type'))
  if (url === undefined) return { kind: 'registry' }
  if (type === 'git') {
    const revision = string(field(source, 'resolved_reference')) ?? string(field(source, 'reference'))
    return { kind: 'git', url, revision, subdirectory: string(field(source, 'subdirectory')) }
  }
  if (type === 'url') return { kind: 'url', url }
  if (type === 'file' || type === 'directory') return { kind: 'path', path: url }
  return { kind: 'registry', url }
}

function archiveOf(file: Table): Archive[] {
  const hash = prefixedHash(string(field(file, 'hash')) ?? '')
  const name = string(field(file, 'file')) ?? ''
  return [{ name, hashes: hash === undefined ? [] : [hash], url: string(field(file, 'url')) }]
}

/** Until Poetry 1.2 one table had the files of all packages, before 1.0 only their SHA-256. */
function oldArchives(metadata: unknown): ReadonlyMap<string, readonly Archive[]> {
  const found = new Map<string, readonly Archive[]>()
  for (const [name, list] of entries(field(metadata, 'hashes')))
    found.set(normalizeName(name), [
      { name: '', hashes: strings(list).flatMap((hex) => prefixedHash(`sha256:${hex}`) ?? []) },
    ])
  for (const [name, list] of entries(field(metadata, 'files')))
    found.set(normalizeName(name), tables(list).flatMap(archiveOf))
  return found
}
