/** `pubspec.lock` of Dart and Flutter, with `pubspec.yaml` beside it for the name of the project. */
import { AivError } from '../../../core/index.ts'
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
  keyLines,
  manifestFields,
  oneProject,
  publicUrl,
  readBeside,
  readLockfile,
  resolveInside,
  rootComponent,
  vcsUrl,
} from '../lock/index.ts'
import { entries, field, isTable, parseYaml, string, UnreadableText } from '../parse/index.ts'
import type { ProjectFiles, Reader, ReadProblem } from '../reader.ts'

/** Names under which the one public registry answers, old ones and its official mirror in China among them. */
const PUBLIC_REGISTRY = /^https?:\/\/(?:pub\.dev|pub\.dartlang\.org|pub\.flutter-io\.cn)\/?$/

export const pubReader: Reader = {
  id: 'pub',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      const [lock] = parseYaml(text)
      if (lock !== undefined && lock !== null && !isTable(lock))
        throw new UnreadableText('it is no pubspec.lock: it holds no table', { line: 1, column: 1 })
      const problems: ReadProblem[] = []
      const builder = new ProjectBuilder(rootOf(path, files, problems))
      for (const one of problems) builder.problems.push(one)
      const lines = keyLines(text)
      for (const [name, entry] of entries(field(lock, 'packages'))) {
        const place = { path, line: lines.get(name) }
        const dependency = string(field(entry, 'dependency')) ?? ''
        const component = attempt(builder, place, () => componentOf(name, entry, path, scopeOf(dependency)))
        if (component === undefined) continue
        if (isOutside(component.ref)) builder.warn(`${name} lies outside the project`, place)
        const ref = builder.add({ ...component, occurrences: [place] })
        if (dependency.startsWith('direct')) builder.depend(builder.root.ref, ref)
        builder.incomplete(ref, 'unknown')
      }
      return oneProject(builder)
    }),
}

/** Of a package that only others need it is not said whether those are for development. */
function scopeOf(dependency: string): Scope {
  return dependency === 'direct dev' ? 'dev' : 'required'
}

function rootOf(path: string, files: ProjectFiles, problems: ReadProblem[]): Component {
  const beside = inFolder(folderOf(path), 'pubspec.yaml')
  const manifest = readBeside(beside, problems, () => {
    const text = files.text(beside)
    return text === undefined ? undefined : parseYaml(text)[0]
  })
  return rootComponent(
    folderOf(path),
    manifestFields({
      name: string(field(manifest, 'name')),
      version: string(field(manifest, 'version')),
      description: string(field(manifest, 'description')),
      homepage: publicUrl(string(field(manifest, 'homepage')) ?? ''),
    }),
  )
}

function componentOf(name: string, entry: unknown, path: string, scope: Scope): Component {
  if (name === '') throw new AivError('E_MALFORMED', 'an entry has no name')
  const version = string(field(entry, 'version'))
  const description = field(entry, 'description')
  const shared = { type: 'library', name, version, scope } as const
  switch (field(entry, 'source')) {
    case 'path': {
      const written = string(field(description, 'path')) ?? '.'
      return { ...shared, ref: `path:${resolveInside(folderOf(path), written).path}`, origin: 'path' }
    }
    case 'sdk':
      // Part of the SDK itself: it has no release of its own, and the registry does not have it.
      return {
        ...shared,
        ref: `pub-sdk:${name}`,
        type: 'framework',
        version: version === '0.0.0' ? undefined : version,
        origin: 'bundled',
        properties: { 'aiv:pub:sdk': string(description) ?? name },
      }
    case 'git':
      return gitComponent(shared, description)
    default:
      return hostedComponent(shared, description)
  }
}

type Shared = Pick<Component, 'type' | 'name' | 'version' | 'scope'>

function hostedComponent(shared: Shared, description: unknown): Component {
  const host = publicUrl(string(field(description, 'url')) ?? '')
  const name = string(field(description, 'name')) ?? shared.name
  const hash = hexHash('sha256', string(field(description, 'sha256')) ?? '')
  const qualifiers: Record<string, string> =
    host === undefined || PUBLIC_REGISTRY.test(host) ? {} : { repository_url: host.replace(/\/$/, '') }
  const purl = formatPurl({ type: 'pub', name, version: shared.version, qualifiers })
  return { ...shared, ref: purl, purl, origin: 'registry', hashes: hash === undefined ? undefined : [hash] }
}

function gitComponent(shared: Shared, description: unknown): Component {
  const revision = string(field(description, 'resolved-ref'))
  const location = gitLocation(string(field(description, 'url')) ?? '')
  if (location === undefined)
    return { ...shared, ref: `pub-git:${shared.name}@${revision ?? ''}`, origin: 'git' }
  const purl = formatPurl({
    type: 'pub',
    name: shared.name,
    version: shared.version,
    qualifiers: { vcs_url: vcsUrl(location, revision) },
    subpath: string(field(description, 'path')),
  })
  return { ...shared, ref: purl, purl, origin: 'git', source: { url: location.url, revision } }
}
