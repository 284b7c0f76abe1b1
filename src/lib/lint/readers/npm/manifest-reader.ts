/** `package.json` without a lockfile: it says what is wanted, not what is there. */
import type { Component } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  addLocalFolder,
  folderComponent,
  type LockContext,
  type Manifest,
  manifestOf,
  matchesWorkspace,
  type Need,
  NeedsGraph,
  npmComponent,
  parseGitSource,
  readLock,
  readManifest,
  unusable,
  workspaceFolders,
  workspacePatterns,
} from '../javascript/index.ts'
import { attempt, folderOf, inFolder, resolveInside } from '../lock/index.ts'
import { parseJson } from '../parse/json.ts'
import { parseLockYaml } from '../parse/plain-yaml.ts'
import { field, isTable } from '../parse/shape.ts'
import type { Reader, ReadProject } from '../reader.ts'

const LOCKFILES = [
  'package-lock.json',
  'npm-shrinkwrap.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
  'bun.lockb',
  'deno.lock',
]

export const manifestReader: Reader = {
  id: 'package-json',
  read: (path, files) => readLock(path, files, parseJson, readUnlocked),
}

function readUnlocked(value: unknown, context: LockContext): readonly ReadProject[] {
  if (!isTable(value)) throw unusable('it is no manifest of npm: there is no object in it')
  // Test data and templates are full of files of this name: what has no dependencies is no gap.
  const manifest = manifestOf(value)
  const isTop = context.folder === '.'
  if (manifest.needs.length === 0 && !isTop) return []
  const above = isTop ? undefined : projectAbove(context)
  if (above === 'member') return []
  if (above !== undefined) {
    warn(context, `its dependencies are not in ${above} above it; they are left out`)
    return []
  }
  if (manifest.needs.length > 0)
    warn(
      context,
      'there is no lockfile beside it: which versions are installed, and what those need, is not known',
    )
  return [new UnlockedProject(manifest, context).read()]
}

class UnlockedProject {
  readonly #manifest: Manifest
  readonly #context: LockContext
  readonly #builder: ProjectBuilder
  readonly #graph: NeedsGraph
  readonly #members = new Map<string, string>()

  constructor(manifest: Manifest, context: LockContext) {
    this.#manifest = manifest
    this.#context = context
    const { folder, path } = context
    this.#builder = new ProjectBuilder(
      folderComponent(folder, manifest, {
        origin: 'workspace',
        scope: 'required',
        type: 'application',
        path,
      }),
    )
    this.#graph = new NeedsGraph(this.#builder)
  }

  read(): ReadProject {
    const { folder, files } = this.#context
    const root = this.#builder.root.ref
    const members = workspaceFolders(folder, this.#manifest.workspaces, files).map((path) => {
      const manifest = readManifest(inFolder(folder, path), this.#context)
      const ref = addLocalFolder(this.#builder, this.#context, path, {
        origin: 'workspace',
        scope: 'required',
      })
      if (manifest?.name !== undefined) this.#members.set(manifest.name, ref)
      this.#graph.need(root, ref, 'required', false)
      return { ref, manifest, path }
    })
    this.#addNeeds(root, this.#manifest, '.')
    for (const { ref, manifest, path } of members) this.#addNeeds(ref, manifest, path)
    return this.#graph.project(this.#context)
  }

  #addNeeds(from: string, manifest: Manifest | undefined, folder: string): void {
    for (const need of manifest?.needs ?? []) {
      const to = this.#members.get(need.name) ?? this.#addWanted(need, folder)
      this.#graph.need(from, to, need.scope, false)
    }
  }

  #addWanted(need: Need, folder: string): string | undefined {
    const local = localTarget(need)
    if (local !== undefined)
      return addLocalFolder(this.#builder, this.#context, inFolder(folder, local), {
        origin: 'path',
        scope: need.scope,
        name: need.name,
      })
    const { path } = this.#context
    const ref = attempt(this.#builder, { path }, () => this.#builder.add(wantedComponent(need, path)))
    if (ref !== undefined) this.#builder.incomplete(ref, 'unknown')
    return ref
  }
}

function wantedComponent({ name, range, scope }: Need, path: string): Component {
  const alias = /^npm:(@?[^@]+)@?(.*)$/.exec(range)
  const real = alias?.[1] ?? name
  const wanted = alias === null ? range : (alias[2] ?? '')
  // A range such as `1.2` is no version; only all three numbers leave no choice.
  const [version] = /^=?v?(\d+\.\d+\.\d+(?:[-+][\w.+-]+)?)$/.exec(wanted)?.slice(1) ?? []
  const isRemote = /^https?:/.test(range) || parseGitSource(range) !== undefined
  return npmComponent({
    name: real,
    version,
    resolved: isRemote ? range : undefined,
    hashes: [],
    scope,
    alias: name,
    path,
    properties: version === undefined && !isRemote ? { 'aiv:npm:range': wanted } : undefined,
  })
}

/** @returns `member` of a workspace above, the name of a lockfile above, or undefined */
function projectAbove({ folder, files, ...context }: LockContext): string | undefined {
  let lockfile: string | undefined
  for (let above = folder; above !== '.'; ) {
    above = folderOf(above)
    const names = files.list(above)
    const below = above === '.' ? folder : folder.slice(above.length + 1)
    const manifest = readManifest(above, { ...context, folder: above, files, problems: [] })
    const patterns = [...(manifest?.workspaces ?? []), ...pnpmWorkspace(above, names, files)]
    if (matchesWorkspace(below, patterns)) return 'member'
    if (linksTo(folder, above, { ...context, folder: above, files, problems: [] })) return 'member'
    lockfile ??= LOCKFILES.find((name) => names.includes(name))
  }
  return lockfile
}

/** Whether a project needs a folder by its path, itself or through other such folders: its lockfile knows those. */
function linksTo(wanted: string, start: string, context: LockContext): boolean {
  const seen = new Set([start])
  for (const from of seen)
    for (const need of readManifest(from, context)?.needs ?? []) {
      const target = localTarget(need)
      if (target === undefined) continue
      const { path, outside } = resolveInside(from, target)
      if (path === wanted) return true
      if (!outside) seen.add(path)
    }
  return false
}

function localTarget({ range }: Need): string | undefined {
  // npm itself writes `file:near`, without `./`.
  const [, , target] = /^(?:(file|link|portal):|workspace:(?=\.))(.+)$/.exec(range) ?? []
  return target === undefined || /\.(?:tgz|tar\.gz|tar)$/.test(target) ? undefined : target
}

function pnpmWorkspace(
  folder: string,
  names: readonly string[],
  files: LockContext['files'],
): readonly string[] {
  const name = 'pnpm-workspace.yaml'
  if (!names.includes(name)) return []
  let patterns: readonly string[] = []
  readLock(inFolder(folder, name), files, parseLockYaml, ([document]) => {
    patterns = workspacePatterns({ workspaces: field(document, 'packages') })
    return []
  })
  return patterns
}

function warn({ problems, path }: LockContext, message: string): void {
  problems.push({ severity: 'warning', message, path })
}
