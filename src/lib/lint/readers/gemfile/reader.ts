/** `Gemfile.lock` and `gems.locked` of Ruby's Bundler. */
import type { Component } from '../../bom/index.ts'
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
  readLockfile,
  resolveInside,
  rootComponent,
  unneeded,
  vcsUrl,
} from '../lock/index.ts'
import type { ProjectFiles, Reader } from '../reader.ts'
import { type GemLock, type GemSource, type LockedGem, parseGemLock } from './sections.ts'

const RUBYGEMS = /^https?:\/\/(?:www\.)?rubygems\.org\/?$/

export const gemfileReader: Reader = {
  id: 'gem',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      const lock = parseGemLock(text)
      const builder = new ProjectBuilder(rootOf(lock, path))
      const refs = new Map<string, string[]>()
      const located: { gem: LockedGem; ref: string }[] = []
      for (const source of lock.sources)
        for (const gem of source.gems) {
          const place = { path, line: gem.line }
          const ref = attempt(builder, place, () => builder.add(componentOf(gem, source, lock, path, files)))
          if (ref === undefined) continue
          if (isOutside(ref)) builder.warn(`${gem.name} lies outside the project`, place)
          located.push({ gem, ref })
          refs.set(gem.name, [...(refs.get(gem.name) ?? []), ref])
        }
      connect(builder, lock, located, refs)
      return oneProject(builder)
    }),
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
  located: readonly { readonly gem: LockedGem; readonly ref: string }[],
  refs: ReadonlyMap<string, readonly string[]>,
): void {
  const edges = located.flatMap(({ gem, ref }) =>
    gem.needs.flatMap((need) => (refs.get(need) ?? []).map((to) => [ref, to] as const)),
  )
  for (const [from, to] of edges) builder.depend(from, to)
  const root = builder.root.ref
  const asked = lock.dependencies?.flatMap((name) => refs.get(name) ?? [])
  if (asked === undefined) builder.incomplete(root, 'incomplete')
  for (const to of asked ?? unneeded([...refs.values()].flat(), edges)) builder.depend(root, to)
}
