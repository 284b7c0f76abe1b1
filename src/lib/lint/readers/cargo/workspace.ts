/** The crates that lie in the project: what their Cargo.toml files say, found from the one beside the lock. */
import type { Scope } from '../../bom/index.ts'
import { strongerScope } from '../builder.ts'
import { inFolder, type ManifestFacts, personOf, readBeside, resolveInside } from '../lock/index.ts'
import { entries, field, parseToml, string, strings } from '../parse/index.ts'
import type { ProjectFiles, ReadProblem } from '../reader.ts'
import { foldersLike } from './member-folders.ts'

/** More members than any workspace has. */
const MAX_CRATES = 10_000

export interface CrateNeed {
  readonly scope: Scope
  /** As the manifest says it, or the workspace that it refers to: a version, or a table with `version`, `path`, `git`. */
  readonly declared: unknown
  /** That a `path` of it counts from. */
  readonly folder: string
}

export interface LocalCrate extends ManifestFacts {
  readonly name: string
  readonly folder: string
  /** Why it needs each crate, by the crate's own name. */
  readonly needs: ReadonlyMap<string, CrateNeed>
}

export interface Workspace {
  /** The crate in the folder of the lock; undefined in a virtual workspace. */
  readonly root: LocalCrate | undefined
  /** By folder, without the root. */
  readonly others: readonly LocalCrate[]
}

interface Shared {
  readonly package: unknown
  readonly dependencies: unknown
  readonly folder: string
}

/** @param folder of Cargo.lock */
export function readWorkspace(
  folder: string,
  files: ProjectFiles,
  problems: ReadProblem[],
): Workspace | undefined {
  const top = manifestOf(folder, files, problems)
  if (top === undefined) return undefined
  const shared = field(top, 'workspace')
  const inherited: Shared = {
    package: field(shared, 'package'),
    dependencies: field(shared, 'dependencies'),
    folder,
  }
  const excluded = new Set(strings(field(shared, 'exclude')).map((path) => resolveInside(folder, path).path))
  const crates = new Map<string, LocalCrate | undefined>()
  const open = [folder]
  for (const pattern of strings(field(shared, 'members')))
    for (const member of foldersLike(folder, pattern, files)) if (!excluded.has(member)) open.push(member)
  for (const [, need] of entries(inherited.dependencies)) pushPath(open, folder, need)
  for (let at = open.shift(); at !== undefined && crates.size < MAX_CRATES; at = open.shift()) {
    if (crates.has(at)) continue
    const manifest = at === folder ? top : manifestOf(at, files, problems)
    crates.set(at, manifest === undefined ? undefined : localCrate(at, manifest, inherited))
    for (const [, need] of allNeeds(manifest)) pushPath(open, at, need)
  }
  const root = crates.get(folder)
  crates.delete(folder)
  return { root, others: [...crates.values()].filter((crate) => crate !== undefined) }
}

function manifestOf(folder: string, files: ProjectFiles, problems: ReadProblem[]): unknown {
  const path = inFolder(folder, 'Cargo.toml')
  return readBeside(path, problems, () => {
    const text = files.text(path)
    return text === undefined ? undefined : parseToml(text)
  })
}

function pushPath(open: string[], folder: string, need: unknown): void {
  const path = string(field(need, 'path'))
  const place = path === undefined ? undefined : resolveInside(folder, path)
  if (place?.outside === false) open.push(place.path)
}

function localCrate(folder: string, manifest: unknown, shared: Shared): LocalCrate | undefined {
  const facts = field(manifest, 'package') ?? field(manifest, 'project')
  const name = string(field(facts, 'name'))
  if (name === undefined) return undefined
  const fact = (key: string) => {
    const own = field(facts, key)
    return field(own, 'workspace') === true ? field(shared.package, key) : own
  }
  return {
    folder,
    name,
    // Cargo's own default.
    version: string(fact('version')) ?? '0.0.0',
    description: string(fact('description')),
    homepage: string(fact('homepage')) ?? string(fact('repository')),
    license: string(fact('license')),
    author: strings(fact('authors')).map(personOf)[0],
    needs: needsOf(folder, manifest, shared),
  }
}

function needsOf(folder: string, manifest: unknown, shared: Shared): ReadonlyMap<string, CrateNeed> {
  const needs = new Map<string, CrateNeed>()
  for (const [key, need, isDev] of allNeeds(manifest)) {
    const common = field(need, 'workspace') === true ? field(shared.dependencies, key) : undefined
    const declared = common ?? need
    const name = string(field(need, 'package')) ?? string(field(common, 'package')) ?? key
    const scope = isDev ? 'dev' : field(need, 'optional') === true ? 'optional' : 'required'
    const known = needs.get(name)
    if (known === undefined)
      needs.set(name, { scope, declared, folder: common === undefined ? folder : shared.folder })
    else needs.set(name, { ...known, scope: strongerScope(known.scope, scope) })
  }
  return needs
}

/** Build scripts run where the crate is made; what they need does not ship with it. */
const SECTIONS: readonly (readonly [string, boolean])[] = [
  ['dependencies', false],
  ['dev-dependencies', true],
  ['dev_dependencies', true],
  ['build-dependencies', true],
  ['build_dependencies', true],
]

function* allNeeds(manifest: unknown): Generator<readonly [string, unknown, boolean]> {
  const places = [manifest, ...entries(field(manifest, 'target')).map(([, target]) => target)]
  for (const place of places)
    for (const [section, isDev] of SECTIONS)
      for (const [key, need] of entries(field(place, section))) yield [key, need, isDev]
}
