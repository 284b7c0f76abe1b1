/** One document of `pnpm-lock.yaml`: packages, what they need, and the importers that need them. */
import type { Component, Origin, Scope } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'
import type { ProjectBuilder } from '../builder.ts'
import {
  addLocalArchive,
  addLocalFolder,
  integrityHashes,
  type LockContext,
  type NeedsGraph,
  npmComponent,
  registryOfHost,
} from '../javascript/index.ts'
import { attempt, inFolder, resolveInside } from '../lock/index.ts'
import { entries, field, scalarText, string, type Table, table } from '../parse/shape.ts'
import { parsePackageKey, withoutPeers } from './package-key.ts'

/** Kinds of needs, with the scope that each gives. */
const IMPORTER_NEEDS: readonly (readonly [string, Scope])[] = [
  ['dependencies', 'required'],
  ['optionalDependencies', 'optional'],
  ['devDependencies', 'dev'],
  // Of pnpm itself and its configuration.
  ['configDependencies', 'dev'],
  ['packageManagerDependencies', 'dev'],
]

export class LockDocument {
  readonly #document: Table
  readonly #major: number
  readonly #builder: ProjectBuilder
  readonly #graph: NeedsGraph
  readonly #context: LockContext
  /** By the key of a package, and of a snapshot. */
  readonly #refs = new Map<string, string>()
  /** Of the project, by path. */
  readonly #folders = new Map<string, string>()

  constructor(
    document: Table,
    major: number,
    { builder, graph, context }: { builder: ProjectBuilder; graph: NeedsGraph; context: LockContext },
  ) {
    this.#document = document
    this.#major = major
    this.#builder = builder
    this.#graph = graph
    this.#context = context
  }

  read(): void {
    const packages = entries(field(this.#document, 'packages'))
    const snapshots = entries(field(this.#document, 'snapshots'))
    // Members first: packages may link to them too, and know less of them.
    for (const [folder] of this.#importers()) if (folder !== '.') this.#folder(folder, 'workspace')
    for (const [key, entry] of packages) this.#addPackage(key, table(entry))
    for (const [key, entry] of snapshots) this.#addSnapshot(key, table(entry))
    for (const [key, entry] of [...packages, ...snapshots]) this.#addNeeds(key, table(entry))
    this.#addImporters()
  }

  #addPackage(key: string, entry: Table): void {
    const place = { path: this.#context.path }
    const ref = attempt(this.#builder, place, () => this.#packageRef(key, entry))
    if (ref !== undefined) this.#refs.set(key, ref)
  }

  /** A snapshot is a package as it is with certain peers: not one more package. */
  #addSnapshot(key: string, entry: Table): void {
    const ref = this.#refs.get(withoutPeers(key))
    if (ref === undefined) this.#addPackage(key, entry)
    else this.#refs.set(key, ref)
    const { patch } = parsePackageKey(key, this.#major)
    const known = this.#refs.get(key)
    if (patch === undefined || known === undefined) return
    const component = this.#builder.get(known)
    if (component !== undefined)
      this.#builder.add({ ...component, properties: { ...component.properties, 'aiv:npm:patch': patch } })
  }

  #packageRef(key: string, entry: Table): string | undefined {
    const { host, patch, ...parsed } = parsePackageKey(key, this.#major)
    const name = string(field(entry, 'name')) ?? parsed.name
    const version = string(field(entry, 'version')) ?? parsed.version
    const resolution = table(field(entry, 'resolution'))
    const hashes = integrityHashes(string(field(resolution, 'integrity')))
    const scope = scopeOf(entry)
    const tarball = string(field(resolution, 'tarball'))
    const directory = string(field(resolution, 'directory'))
    if (
      name === undefined ||
      name === '' ||
      (version === undefined && Object.keys(resolution).length === 0)
    ) {
      this.#builder.warn(`${JSON.stringify(key).slice(0, 200)} names no package; it is left out`, {
        path: this.#context.path,
      })
      return undefined
    }
    if (directory !== undefined)
      return addLocalFolder(this.#builder, this.#context, directory, { origin: 'path', scope, name, version })
    if (tarball?.startsWith('file:') === true) {
      const target = tarball.slice('file:'.length)
      return addLocalArchive(this.#builder, this.#context, target, { name, version, scope, hashes })
    }
    if (key.includes('@runtime:')) return this.#builder.add(runtime(name, version, scope, this.#context.path))
    return this.#builder.add(
      npmComponent({
        name,
        version,
        resolved: gitAddress(resolution) ?? tarball,
        registry: registryOfHost(host),
        hashes,
        scope,
        path: this.#context.path,
        properties: propertiesOf(entry, patch),
      }),
    )
  }

  #addNeeds(key: string, entry: Table): void {
    const from = this.#refs.get(key)
    if (from === undefined) return
    for (const [name, reference] of entries(field(entry, 'dependencies')))
      this.#graph.need(
        from,
        this.#find(name, reference, '.'),
        'required',
        false,
        `${name}@${scalarText(reference)}`,
      )
    for (const [name, reference] of entries(field(entry, 'optionalDependencies')))
      this.#graph.need(from, this.#find(name, reference, '.'), 'optional', true)
  }

  #addImporters(): void {
    const all = this.#importers()
    const root = this.#builder.root.ref
    for (const [folder] of all)
      if (folder !== '.') this.#graph.need(root, this.#folder(folder, 'workspace'), 'required', false)
    for (const [folder, importer] of all) {
      const from = folder === '.' ? root : this.#folder(folder, 'workspace')
      for (const [kind, scope] of IMPORTER_NEEDS)
        for (const [name, need] of entries(field(importer, kind))) {
          const reference = typeof need === 'string' ? need : field(need, 'version')
          this.#graph.need(
            from,
            this.#find(name, reference, folder),
            scope,
            scope === 'optional',
            `${name}@${scalarText(reference)}`,
          )
        }
    }
  }

  /** Without a workspace, versions 5 and 6 write the only importer at the top. */
  #importers(): readonly (readonly [string, unknown])[] {
    const importers = entries(field(this.#document, 'importers'))
    return importers.length === 0 ? [['.', this.#document]] : importers
  }

  /** @param target relative to the lockfile */
  #folder(target: string, origin: Origin, name?: string): string {
    const { path } = resolveInside(this.#context.folder, target)
    const known = this.#folders.get(path)
    if (known !== undefined) return known
    const ref = addLocalFolder(this.#builder, this.#context, target, { origin, scope: 'dev', name })
    this.#folders.set(path, ref)
    return ref
  }

  /**
   * The package that a need was resolved to: by its version, by a key of its own (an alias), or by a folder.
   * @param from folder that a link is relative to
   */
  #find(name: string, reference: unknown, from: string): string | undefined {
    if (typeof reference !== 'string') return undefined
    if (reference.startsWith('link:')) {
      const target = inFolder(from, reference.slice('link:'.length))
      return this.#folder(target, 'path', name)
    }
    for (const key of [`${name}@${reference}`, `/${name}@${reference}`, `/${name}/${reference}`, reference]) {
      const ref = this.#refs.get(key) ?? this.#refs.get(withoutPeers(key))
      if (ref !== undefined) return ref
    }
    return undefined
  }
}

function gitAddress(resolution: Table): string | undefined {
  const repository = string(field(resolution, 'repo'))
  const commit = string(field(resolution, 'commit'))
  if (repository === undefined) return undefined
  const address =
    repository.includes('://') && !repository.startsWith('git') ? `git+${repository}` : repository
  return commit === undefined ? address : `${address}#${commit}`
}

function propertiesOf(entry: Table, patch: string | undefined): Readonly<Record<string, string>> {
  const deprecated = string(field(entry, 'deprecated'))
  return {
    ...(deprecated === undefined ? {} : { 'aiv:npm:deprecated': deprecated }),
    ...(patch === undefined ? {} : { 'aiv:npm:patch': patch }),
  }
}

/** Node itself and its like, which pnpm installs but no registry of packages has. */
function runtime(name: string, version: string | undefined, scope: Scope, path: string): Component {
  const purl = formatPurl({ type: 'generic', name, version })
  return { ref: purl, type: 'platform', name, version, purl, origin: 'url', scope, occurrences: [{ path }] }
}

/** Versions 5 and 6 mark packages; in version 9 it follows from who needs them. */
function scopeOf(entry: Table): Scope {
  if (field(entry, 'dev') === true) return 'dev'
  return field(entry, 'optional') === true ? 'optional' : 'required'
}
