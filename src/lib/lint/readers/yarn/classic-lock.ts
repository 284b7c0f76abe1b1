/** `yarn.lock` of yarn 1. It does not say who the project is: that is in the manifests beside it. */
import { ProjectBuilder } from '../builder.ts'
import {
  addLocalArchive,
  addLocalFolder,
  folderComponent,
  integrityHashes,
  type LockContext,
  type Manifest,
  NeedsGraph,
  npmComponent,
  parseArchiveUrl,
  readManifest,
  workspaceFolders,
} from '../javascript/index.ts'
import { attempt, hexHash, inFolder, unneeded } from '../lock/index.ts'
import type { ReadProject } from '../reader.ts'
import { type ClassicEntry, parseClassicText } from './classic-text.ts'
import { aliasTarget, parseDescriptor } from './descriptor.ts'

export function readClassicLock(text: string, context: LockContext): readonly ReadProject[] {
  return [new ClassicLock(parseClassicText(text), context).read()]
}

class ClassicLock {
  readonly #entries: readonly ClassicEntry[]
  readonly #context: LockContext
  readonly #manifest: Manifest | undefined
  readonly #builder: ProjectBuilder
  readonly #graph: NeedsGraph
  readonly #byPattern = new Map<string, string>()
  readonly #byName = new Map<string, Set<string>>()
  readonly #members = new Map<string, string>()

  constructor(entries: readonly ClassicEntry[], context: LockContext) {
    this.#entries = entries
    this.#context = context
    this.#manifest = readManifest(context.folder, context)
    const root = folderComponent(context.folder, this.#manifest, {
      origin: 'workspace',
      scope: 'required',
      type: 'application',
      path: context.path,
    })
    this.#builder = new ProjectBuilder(root)
    this.#graph = new NeedsGraph(this.#builder)
  }

  read(): ReadProject {
    const refs = this.#entries.map((entry) => this.#addEntry(entry))
    for (const [i, entry] of this.#entries.entries()) this.#addNeeds(refs[i], entry)
    if (this.#manifest === undefined) {
      const known = refs.filter((ref) => ref !== undefined)
      for (const ref of unneeded(
        known,
        this.#graph.edges.map(([from, to]) => [from, to] as const),
      ))
        this.#graph.need(this.#builder.root.ref, ref, 'required', false)
      this.#builder.incomplete(this.#builder.root.ref, 'incomplete')
    } else this.#addManifests(this.#manifest)
    return this.#graph.project(this.#context)
  }

  #addEntry(entry: ClassicEntry): string | undefined {
    const { path } = this.#context
    const { patterns, line, fields } = entry
    const { name: installed, range } = parseDescriptor(patterns[0] ?? '')
    const version = fields.get('version')
    const resolved = fields.get('resolved')
    if (installed === '' || version === undefined) {
      this.#builder.warn(`${JSON.stringify(installed).slice(0, 200)} has no version; it is left out`, {
        path,
        line,
      })
      return undefined
    }
    const found = { installed, range, version, resolved }
    const ref = attempt(this.#builder, { path, line }, () => this.#addPackage(entry, found))
    if (ref === undefined) return undefined
    for (const pattern of patterns) {
      this.#byPattern.set(pattern, ref)
      const { name } = parseDescriptor(pattern)
      this.#byName.set(name, (this.#byName.get(name) ?? new Set()).add(ref))
    }
    return ref
  }

  #addPackage(
    { line, fields }: ClassicEntry,
    found: { installed: string; range: string; version: string; resolved: string | undefined },
  ): string {
    const { installed, range, version, resolved } = found
    const hashes = integrityHashes(fields.get('integrity'))
    const local = /^file:(.*)$/.exec(resolved ?? range)
    if (local !== null) {
      const [target = ''] = (local[1] ?? '').split('#')
      return /\.(?:tgz|tar\.gz|tar)$/.test(target)
        ? addLocalArchive(this.#builder, this.#context, target, {
            name: installed,
            version,
            scope: 'required',
            hashes,
          })
        : addLocalFolder(this.#builder, this.#context, target, {
            origin: 'path',
            scope: 'required',
            name: installed,
            version,
          })
    }
    const archive = resolved === undefined ? undefined : parseArchiveUrl(resolved)
    const sha1 = archive === undefined ? undefined : hexHash('sha1', archive.fragment)
    return this.#builder.add(
      npmComponent({
        // What is installed is what the archive holds, whatever the pattern calls it.
        name: archive?.name ?? aliasTarget(range) ?? installed,
        version,
        resolved,
        hashes: hashes.length > 0 || sha1 === undefined ? hashes : [sha1],
        scope: 'required',
        alias: installed,
        path: this.#context.path,
        line,
      }),
    )
  }

  #addNeeds(from: string | undefined, { lists }: ClassicEntry): void {
    if (from === undefined) return
    for (const [name, range] of lists.get('dependencies') ?? [])
      this.#graph.need(from, this.#find(name, range), 'required', false, `${name}@${range}`)
    for (const [name, range] of lists.get('optionalDependencies') ?? [])
      this.#graph.need(from, this.#find(name, range), 'optional', true)
  }

  #addManifests(manifest: Manifest): void {
    const { folder, files } = this.#context
    const root = this.#builder.root.ref
    const members = workspaceFolders(folder, manifest.workspaces, files).map((path) => {
      const member = readManifest(inFolder(folder, path), this.#context)
      const ref = addLocalFolder(this.#builder, this.#context, path, {
        origin: 'workspace',
        scope: 'required',
      })
      if (member?.name !== undefined) this.#members.set(member.name, ref)
      return { ref, member }
    })
    for (const { ref, member } of members) {
      this.#graph.need(root, ref, 'required', false)
      this.#addManifestNeeds(ref, member, folder)
    }
    this.#addManifestNeeds(root, manifest, folder)
  }

  #addManifestNeeds(from: string, manifest: Manifest | undefined, folder: string): void {
    for (const { name, range, scope, isPeer, mayBeAbsent } of manifest?.needs ?? []) {
      // yarn 1 installs no peers: one is there only if something else needs it.
      const to = this.#members.get(name) ?? this.#linked(name, range, folder) ?? this.#find(name, range)
      this.#graph.need(from, to, scope, mayBeAbsent || isPeer, `${name}@${range}`)
    }
  }

  /** A link stands in no lockfile of yarn 1. */
  #linked(name: string, range: string, folder: string): string | undefined {
    if (!range.startsWith('link:')) return undefined
    const target = inFolder(folder, range.slice('link:'.length))
    return addLocalFolder(this.#builder, { ...this.#context, folder: '.' }, target, {
      origin: 'path',
      scope: 'dev',
      name,
    })
  }

  /** Resolutions of the manifest replace ranges: then the only package of that name is meant. */
  #find(name: string, range: string): string | undefined {
    const exact = this.#byPattern.get(`${name}@${range}`)
    if (exact !== undefined) return exact
    const named = this.#byName.get(name)
    return named?.size === 1 ? [...named][0] : undefined
  }
}
