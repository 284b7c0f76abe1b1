/** `yarn.lock` of yarn 2 and later: YAML, with the members of the workspace among the packages. */
import type { Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  folderComponent,
  type LockContext,
  type Manifest,
  NeedsGraph,
  readManifest,
  unusable,
} from '../javascript/index.ts'
import { attempt, resolveInside, unneeded } from '../lock/index.ts'
import { entries, field, isTable, scalarText, string, type Table, table } from '../parse/shape.ts'
import type { ReadProject } from '../reader.ts'
import { addBerryPackage } from './berry-package.ts'
import { parseDescriptor } from './descriptor.ts'

/** Yarn 2 wrote 4 and 5, yarn 3 wrote 6, yarn 4 wrote 8 and now 10; the form of entries did not change. */
const KNOWN_VERSIONS = { first: 3, last: 10 }

export function readBerryLock(documents: readonly unknown[], context: LockContext): readonly ReadProject[] {
  const [lock] = documents
  if (!isTable(lock)) throw unusable('it is no lockfile of yarn: there is no mapping in it')
  const version = scalarText(field(field(lock, '__metadata'), 'version'))
  const major = Number.parseInt(version, 10)
  if (!(major >= KNOWN_VERSIONS.first && major <= KNOWN_VERSIONS.last))
    throw unusable(
      `version ${JSON.stringify(version.slice(0, 20))} of yarn's lockfile is not known; 1 and ${KNOWN_VERSIONS.first} to ${KNOWN_VERSIONS.last} are`,
    )
  return [new BerryLock(lock, context).read()]
}

interface Found {
  readonly ref: string
  readonly entry: Table
  /** Of a member of the workspace. */
  readonly manifest: Manifest | undefined
}

class BerryLock {
  readonly #packages: readonly (readonly [string, Table])[]
  readonly #context: LockContext
  readonly #builder: ProjectBuilder
  readonly #graph: NeedsGraph
  readonly #byDescriptor = new Map<string, string>()
  readonly #byName = new Map<string, Set<string>>()

  constructor(lock: Table, context: LockContext) {
    this.#packages = entries(lock)
      .filter(([key]) => key !== '__metadata')
      .map(([key, entry]) => [key, table(entry)])
    this.#context = context
    const manifest = readManifest(context.folder, context)
    const own = this.#packages
      .map(([, entry]) => resolutionOf(entry))
      .find(({ range }) => range === 'workspace:.')
    this.#builder = new ProjectBuilder(
      folderComponent(context.folder, manifest, {
        origin: 'workspace',
        scope: 'required',
        type: 'application',
        path: context.path,
        name: own?.name,
      }),
    )
    this.#graph = new NeedsGraph(this.#builder)
  }

  read(): ReadProject {
    const found = this.#packages.flatMap(([key, entry]) => this.#add(key, entry) ?? [])
    const root = this.#builder.root.ref
    for (const { ref, entry } of found)
      if (isMember(entry) && ref !== root) this.#graph.need(root, ref, 'required', false)
    for (const one of found) this.#addNeeds(one)
    // Without the workspaces, who needs the packages is known among themselves only.
    if (!found.some(({ ref }) => ref === root)) {
      const edges = this.#graph.edges.map(([from, to]) => [from, to] as const)
      for (const ref of unneeded(
        found.map(({ ref }) => ref),
        edges,
      ))
        this.#graph.need(root, ref, 'required', false)
      this.#builder.incomplete(root, 'incomplete')
    }
    return this.#graph.project(this.#context)
  }

  #add(key: string, entry: Table): Found | undefined {
    const { name, range } = resolutionOf(entry)
    if (name === '') {
      this.#builder.warn(`${JSON.stringify(key).slice(0, 200)} has no resolution; it is left out`, {
        path: this.#context.path,
      })
      return undefined
    }
    const descriptors = key.split(/,\s*/)
    const version = string(field(entry, 'version'))
    const alias = parseDescriptor(descriptors[0] ?? '').name
    const found = { name, range, version, alias, entry }
    const place = { path: this.#context.path }
    const ref = attempt(this.#builder, place, () => addBerryPackage(this.#builder, this.#context, found))
    if (ref === undefined) return undefined
    for (const descriptor of descriptors) {
      this.#byDescriptor.set(descriptor, ref)
      const known = parseDescriptor(descriptor).name
      this.#byName.set(known, (this.#byName.get(known) ?? new Set()).add(ref))
    }
    return { ref, entry, manifest: this.#manifestOf(range) }
  }

  /** Only manifests tell what is for development. */
  #manifestOf(range: string): Manifest | undefined {
    if (!range.startsWith('workspace:')) return undefined
    const { path, outside } = resolveInside(this.#context.folder, range.slice('workspace:'.length))
    return outside ? undefined : readManifest(path, this.#context)
  }

  #addNeeds({ ref, entry, manifest }: Found): void {
    const scopes = new Map(manifest?.needs.map(({ name, scope }) => [name, scope] as const))
    const meta = table(field(entry, 'dependenciesMeta'))
    for (const [name, written] of entries(field(entry, 'dependencies'))) {
      const range = scalarText(written)
      const isOptional = field(field(meta, name), 'optional') === true
      const scope: Scope = isOptional ? 'optional' : (scopes.get(name) ?? 'required')
      this.#graph.need(ref, this.#find(name, range), scope, isOptional, `${name}@${range}`)
    }
    for (const [name] of entries(field(entry, 'peerDependencies'))) {
      // Whoever needs this package brings the peer; which one that is, only a single version tells.
      const candidates = this.#byName.get(name)?.size ?? 0
      if (candidates > 0) this.#graph.need(ref, this.#only(name), 'required', false)
    }
  }

  #find(name: string, range: string): string | undefined {
    return (
      this.#byDescriptor.get(`${name}@${range}`) ??
      this.#byDescriptor.get(`${name}@npm:${range}`) ??
      this.#only(name)
    )
  }

  #only(name: string): string | undefined {
    const named = this.#byName.get(name)
    return named?.size === 1 ? [...named][0] : undefined
  }
}

function isMember(entry: Table): boolean {
  return resolutionOf(entry).range.startsWith('workspace:')
}

function resolutionOf(entry: Table): { readonly name: string; readonly range: string } {
  return parseDescriptor(string(field(entry, 'resolution')) ?? '')
}
