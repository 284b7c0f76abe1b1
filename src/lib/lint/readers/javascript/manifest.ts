/** `package.json`: what a project or a member of a workspace says of itself. */
import {
  type Component,
  NAMELESS,
  type Origin,
  type Party,
  type Scope,
  type SourceCode,
} from '../../bom/index.ts'
import { guardFile, inFolder, nameOf, personOf } from '../lock/index.ts'
import { parseJson } from '../parse/json.ts'
import { array, entries, field, isTable, string, strings, type Table } from '../parse/shape.ts'
import { parseArchiveUrl } from './archive-url.ts'
import { parseGitSource } from './git-source.ts'
import type { LockContext } from './lock-context.ts'
import { npmPurl } from './npm-component.ts'

export interface Manifest {
  readonly name?: string | undefined
  readonly version?: string | undefined
  /** It says that it is never published. */
  readonly isPrivate: boolean
  readonly license?: string | undefined
  readonly description?: string | undefined
  readonly homepage?: string | undefined
  readonly author?: Party | undefined
  readonly source?: SourceCode | undefined
  /** What it needs directly: names to ranges, with how it needs them. */
  readonly needs: readonly Need[]
  /** Patterns of the folders of its workspace. */
  readonly workspaces: readonly string[]
}

export interface Need {
  readonly name: string
  /** As written: `^1.2.3`, `npm:other@1`, `file:../x`. */
  readonly range: string
  readonly scope: Scope
  /** It is expected beside the package, not inside it. */
  readonly isPeer: boolean
  /** Nothing is missing when it is not installed. */
  readonly mayBeAbsent: boolean
}

/** More members than any workspace has; a lockfile may name folders without end. */
const MAX_MANIFESTS = 20_000

/** More patterns than any workspace has, and longer ones. */
const MAX_PATTERNS = 200
const MAX_PATTERN_LENGTH = 500

/** @returns undefined when there is none; one that does not parse is a warning of the context and undefined */
export function readManifest(folder: string, context: LockContext): Manifest | undefined {
  if (context.manifests.has(folder) || context.manifests.size >= MAX_MANIFESTS)
    return context.manifests.get(folder)
  const path = inFolder(folder, 'package.json')
  let manifest: Manifest | undefined
  const { problems } = guardFile(path, () => {
    const text = context.files.text(path)
    const value = text === undefined ? undefined : parseJson(text)
    if (isTable(value)) manifest = manifestOf(value)
    return { projects: [], problems: [] }
  })
  context.manifests.set(folder, manifest)
  // The inventory stands in the lockfile: without its manifest only names and kinds of dependencies are missing.
  for (const problem of problems) context.problems.push({ ...problem, severity: 'warning' })
  return manifest
}

/** How a manifest needs each package. */
export function scopesOf(manifest: Manifest | undefined): ReadonlyMap<string, Scope> {
  return new Map(manifest?.needs.map(({ name, scope }) => [name, scope] as const))
}

export function manifestOf(value: Table): Manifest {
  return {
    name: string(field(value, 'name')),
    version: string(field(value, 'version')),
    isPrivate: field(value, 'private') === true,
    license: licenseText(field(value, 'license') ?? field(value, 'licenses')),
    description: string(field(value, 'description')),
    homepage: addressOf(field(value, 'homepage')),
    author: authorOf(field(value, 'author')),
    source: sourceOf(field(value, 'repository')),
    needs: needsOf(value, true),
    workspaces: workspacePatterns(value),
  }
}

/** Patterns of the folders of a workspace, in either form that npm and yarn read. */
export function workspacePatterns(value: Table): readonly string[] {
  const workspaces = field(value, 'workspaces')
  return strings(isTable(workspaces) ? field(workspaces, 'packages') : workspaces)
    .filter((pattern) => pattern.length <= MAX_PATTERN_LENGTH)
    .slice(0, MAX_PATTERNS)
}

/**
 * @param value a manifest, or an entry of a lockfile that repeats its dependencies
 * @param withDev what is needed for making it only belongs to those who make it
 */
export function needsOf(value: Table, withDev: boolean): readonly Need[] {
  const optionalPeers = new Set(
    entries(field(value, 'peerDependenciesMeta'))
      .filter(([, meta]) => field(meta, 'optional') === true)
      .map(([name]) => name),
  )
  const optional = rangesOf(value, 'optionalDependencies', 'optional', () => true)
  // npm lists an optional dependency among the others too, in manifests that it wrote itself.
  const names = new Set(optional.map(({ name }) => name))
  return [
    ...rangesOf(value, 'dependencies', 'required', () => false).filter(({ name }) => !names.has(name)),
    ...optional,
    ...rangesOf(value, 'peerDependencies', 'required', (name) => optionalPeers.has(name)),
    ...(withDev ? rangesOf(value, 'devDependencies', 'dev', () => false) : []),
  ]
}

function rangesOf(
  value: Table,
  key: string,
  scope: Scope,
  mayBeAbsent: (name: string) => boolean,
): readonly Need[] {
  return entries(field(value, key)).flatMap(([name, range]) =>
    typeof range === 'string'
      ? [{ name, range, scope, isPeer: key === 'peerDependencies', mayBeAbsent: mayBeAbsent(name) }]
      : [],
  )
}

/** `Name <mail> (address)`, or its parts. */
function authorOf(value: unknown): Party | undefined {
  if (typeof value === 'string') return personOf(value.split('(')[0] ?? '')
  const name = string(field(value, 'name'))
  return name === undefined
    ? undefined
    : { kind: 'person', name, email: string(field(value, 'email')), url: addressOf(field(value, 'url')) }
}

function sourceOf(value: unknown): SourceCode | undefined {
  const written = string(value) ?? string(field(value, 'url'))
  const found = written === undefined ? undefined : parseGitSource(written)
  return found === undefined ? undefined : { url: found.url }
}

function addressOf(value: unknown): string | undefined {
  return parseArchiveUrl(string(value) ?? '')?.url
}

/** The forms of the `license` field, old ones too; a list is a choice (npm documentation, package.json). */
export function licenseText(value: unknown): string | undefined {
  if (isTable(value)) return string(field(value, 'type')) ?? string(field(value, 'name'))
  if (!Array.isArray(value)) return string(value)
  const choices = array(value).flatMap((item) => licenseText(item) ?? [])
  const [only] = choices
  if (choices.length < 2) return only
  return choices.map((choice) => (/\s/.test(choice) ? `(${choice})` : choice)).join(' OR ')
}

/**
 * The component of a folder of the project.
 * @param fallback name and version where there is no manifest
 */
export function folderComponent(
  folder: string,
  manifest: Manifest | undefined,
  {
    origin,
    scope,
    type,
    path,
    name,
    version,
  }: {
    readonly origin: Origin
    readonly scope: Scope
    readonly type: Component['type']
    /** Of the file that names it. */
    readonly path: string
    readonly name?: string | undefined
    readonly version?: string | undefined
  },
): Component {
  const ownName = manifest?.name ?? name
  const ownVersion = manifest?.version ?? version
  // Only what is published under its name can be looked up by it.
  const isPublished = manifest?.name !== undefined && manifest.version !== undefined && !manifest.isPrivate
  return {
    ref: `path:${folder}`,
    type,
    name: ownName ?? (folder === '.' ? NAMELESS : nameOf(folder) || folder),
    version: ownVersion,
    purl: isPublished ? npmPurl(manifest.name ?? '', manifest.version) : undefined,
    origin,
    scope,
    author: manifest?.author,
    source: manifest?.source,
    homepage: manifest?.homepage,
    description: manifest?.description,
    licenses: manifest?.license === undefined ? undefined : { declared: manifest.license },
    occurrences: [{ path }],
  }
}
