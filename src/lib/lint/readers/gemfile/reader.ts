/** `Gemfile.lock` and `gems.locked` of Ruby's Bundler. */
import type { Component, Scope } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  attempt,
  folderOf,
  gitLocation,
  hexHash,
  inFolder,
  isOutside,
  oneProject,
  publicUrl,
  readBeside,
  readLockfile,
  resolveInside,
  rootComponent,
  unneeded,
  vcsUrl,
} from '../lock/index.ts'
import type { ProjectFiles, Reader, ReadProblem } from '../reader.ts'
import { propagateScopes } from '../scopes.ts'
import { scopesOfGemfile } from './groups.ts'
import { type GemLock, type GemSource, type LockedGem, parseGemLock } from './sections.ts'

const RUBYGEMS = /^https?:\/\/(?:www\.)?rubygems\.org\/?$/

export const gemfileReader: Reader = {
  id: 'gem',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      const lock = parseGemLock(text)
      const builder = new ProjectBuilder(rootOf(lock, path))
      const located: LocatedGem[] = []
      for (const source of lock.sources)
        for (const gem of source.gems) {
          const place = { path, line: gem.line }
          const component = attempt(builder, place, () => componentOf(gem, source, lock, path, files))
          if (component === undefined) continue
          if (isOutside(component.ref)) builder.warn(`${gem.name} lies outside the project`, place)
          located.push({ gem, component })
        }
      connect(builder, lock, located, readScopes(path, files, builder.problems))
      return oneProject(builder)
    }),
}

interface LocatedGem {
  readonly gem: LockedGem
  readonly component: Component
}

/** What the Gemfile beside says of its gems. */
function readScopes(path: string, files: ProjectFiles, problems: ReadProblem[]): ReadonlyMap<string, Scope> {
  const beside = path.endsWith('gems.locked') ? path.replace(/locked$/, 'rb') : path.replace(/\.lock$/, '')
  return readBeside(beside, problems, () => scopesOfGemfile(files.text(beside) ?? '')) ?? new Map()
}

/** A gem that is developed here has its own specification at the top of its lockfile. */
function rootOf({ sources }: GemLock, path: string): Component {
  const own = sources
    .filter(({ section, options }) => section === 'PATH' && options.get('remote')?.[0] === '.')
    .flatMap(({ gems }) => gems)
  const [gem] = own
  const root = rootComponent(folderOf(path))
  return gem === undefined || own.length > 1 ? root : { ...root, name: gem.name, version: gem.version }
}

function componentOf(
  gem: LockedGem,
  source: GemSource,
  { checksums }: GemLock,
  path: string,
  files: ProjectFiles,
): Component {
  const { name, version, platform } = gem
  const shared = {
    type: 'library',
    name,
    version,
    scope: 'required',
    occurrences: [{ path, line: gem.line }],
  } as const
  const remote = source.options.get('remote')?.[0] ?? ''
  if (source.section === 'PATH')
    return { ...shared, ref: `path:${localFolder(gem, source, path, files)}`, origin: 'path' }
  const qualifiers: Record<string, string> = {}
  if (platform !== undefined) qualifiers.platform = platform
  const variant = platform === undefined ? version : `${version}-${platform}`
  const hash = hexHash('sha256', checksums.get(`${name} ${variant}`) ?? '')
  const revision = source.options.get('revision')?.[0]
  const git = source.section === 'GIT' ? gitLocation(remote) : undefined
  if (git !== undefined) qualifiers.vcs_url = vcsUrl(git, revision)
  const repository = source.section === 'GIT' ? undefined : otherRepository(source)
  if (repository !== undefined) qualifiers.repository_url = repository
  const purl =
    source.section === 'GIT' && git === undefined
      ? undefined
      : formatPurl({ type: 'gem', name, version, qualifiers })
  return {
    ...shared,
    ref: purl ?? `gem-git:${name}@${revision ?? version}`,
    purl,
    origin: source.section === 'GIT' ? 'git' : 'registry',
    hashes: hash === undefined ? undefined : [hash],
    source: git === undefined ? undefined : { url: git.url, revision },
  }
}

/** With several remotes in one section Bundler does not say which of them a gem came from. */
function otherRepository({ options }: GemSource): string | undefined {
  const remotes = options.get('remote') ?? []
  const [only] = remotes
  return only === undefined || remotes.length > 1 || RUBYGEMS.test(only) ? undefined : publicUrl(only)
}

/** One folder may hold several gems, each with its own specification or in a folder of its own name. */
function localFolder({ name }: LockedGem, source: GemSource, path: string, files: ProjectFiles): string {
  const { path: folder, outside } = resolveInside(folderOf(path), source.options.get('remote')?.[0] ?? '.')
  if (source.gems.length < 2) return folder
  if (outside || files.list(folder).includes(`${name}.gemspec`)) return `${folder}#${name}`
  return inFolder(folder, name)
}

function connect(
  builder: ProjectBuilder,
  lock: GemLock,
  located: readonly LocatedGem[],
  scopes: ReadonlyMap<string, Scope>,
): void {
  const root = builder.root.ref
  const refs = new Map<string, string[]>()
  for (const { gem, component } of located) refs.set(gem.name, [...(refs.get(gem.name) ?? []), component.ref])
  const edges = located.flatMap(({ gem, component }) =>
    gem.needs.flatMap((need) => (refs.get(need) ?? []).map((to) => [component.ref, to] as const)),
  )
  const direct = new Map<string, Scope>()
  for (const name of lock.dependencies ?? [])
    for (const ref of refs.get(name) ?? []) direct.set(ref, scopes.get(name) ?? 'required')
  if (lock.dependencies === undefined) {
    builder.incomplete(root, 'incomplete')
    for (const ref of unneeded([...refs.values()].flat(), edges)) direct.set(ref, 'required')
  }
  const components = located.map(({ component }) => component)
  for (const component of propagateScopes(components, direct, edges)) builder.add(component)
  for (const ref of direct.keys()) builder.depend(root, ref)
  for (const [from, to] of edges) builder.depend(from, to)
}
