/** The packages of a deno lockfile and who needs them (denoland/deno_lockfile). */
import type { Component, Scope } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'
import type { ProjectBuilder } from '../builder.ts'
import {
  addLocalFolder,
  integrityHashes,
  type LockContext,
  type NeedsGraph,
  npmComponent,
  parseArchiveUrl,
  readManifest,
  scopesOf,
} from '../javascript/index.ts'
import { attempt, hexHash, resolveInside, unneeded } from '../lock/index.ts'
import { entries, field, isTable, scalarText, string, strings } from '../parse/shape.ts'

export interface DenoSections {
  /** `npm:chalk@^5` to `5.3.0`, or to `npm:chalk@5.3.0` before version 4. */
  readonly specifiers: unknown
  readonly jsr: unknown
  readonly npm: unknown
  /** Addresses of modules to their SHA-256. */
  readonly remote: unknown
  readonly workspace: unknown
}

interface Surroundings {
  readonly builder: ProjectBuilder
  readonly graph: NeedsGraph
  readonly context: LockContext
  /** How the manifest beside it needs a package. */
  readonly scopes: ReadonlyMap<string, Scope>
}

export class DenoPackages {
  readonly #sections: DenoSections
  readonly #around: Surroundings
  /** By `npm:ID` and `jsr:ID`, where an ID is `name@version`, with peers behind an underscore. */
  readonly #refs = new Map<string, string>()
  /** By name: from version 4 on, a need names a version only where there are several. */
  readonly #npmByName = new Map<string, Set<string>>()
  /** Names in the manifests of the workspace's members to their refs. */
  readonly #memberByName = new Map<string, string>()

  constructor(sections: DenoSections, around: Surroundings) {
    this.#sections = sections
    this.#around = around
  }

  read(): void {
    const { builder, context } = this.#around
    for (const [id, entry] of entries(this.#sections.jsr))
      attempt(builder, { path: context.path }, () => this.#addJsr(id, entry))
    for (const [id, entry] of entries(this.#sections.npm))
      attempt(builder, { path: context.path }, () => this.#addNpm(id, entry))
    const remote = entries(this.#sections.remote).flatMap(
      ([url, digest]) => this.#addRemote(url, digest) ?? [],
    )
    for (const [id, entry] of entries(this.#sections.jsr)) this.#addJsrNeeds(id, entry)
    for (const [id, entry] of entries(this.#sections.npm)) this.#addNpmNeeds(id, entry)
    this.#addRootNeeds(remote)
  }

  #addJsr(id: string, entry: unknown): void {
    const { builder, context } = this.#around
    const [name, version] = splitId(id)
    const slash = name.indexOf('/')
    const purl = formatPurl({
      type: 'jsr',
      namespace: slash === -1 ? undefined : name.slice(0, slash),
      name: name.slice(slash + 1),
      version,
    })
    const integrity = string(field(entry, 'integrity'))
    const component: Component = {
      ref: purl,
      type: 'library',
      name,
      version,
      purl,
      origin: 'registry',
      scope: 'required',
      occurrences: [{ path: context.path }],
      // Of the registry's description of the version, not of an archive.
      properties: integrity === undefined ? undefined : { 'aiv:jsr:integrity': integrity },
    }
    this.#refs.set(`jsr:${id}`, builder.add(component))
  }

  #addNpm(id: string, entry: unknown): void {
    const { builder, context } = this.#around
    const [name, version] = splitId(id)
    const deprecated = field(entry, 'deprecated')
    const ref = builder.add(
      npmComponent({
        name,
        version,
        resolved: string(field(entry, 'tarball')),
        hashes: integrityHashes(string(field(entry, 'integrity'))),
        scope: 'required',
        path: context.path,
        properties: deprecated === true ? { 'aiv:npm:deprecated': 'true' } : undefined,
      }),
    )
    this.#refs.set(`npm:${id}`, ref)
    this.#npmByName.set(name, (this.#npmByName.get(name) ?? new Set()).add(ref))
  }

  #addRemote(address: string, digest: unknown): string | undefined {
    const { builder, context } = this.#around
    const url = parseArchiveUrl(address)?.url
    if (url === undefined) {
      builder.warn(`${JSON.stringify(address).slice(0, 200)} is no web address; it is left out`, {
        path: context.path,
      })
      return undefined
    }
    const hash = hexHash('sha256', string(digest) ?? '')
    const name = url.replace(/^https?:\/\//, '')
    const [, version] = /@v?(\d+\.\d+\.\d+[^/]*)/.exec(name) ?? []
    return attempt(builder, { path: context.path }, () => {
      const base = name.slice(name.lastIndexOf('/') + 1)
      const purl = formatPurl({
        type: 'generic',
        name: base === '' ? name : base,
        version,
        qualifiers: { download_url: url },
      })
      const ref = builder.add({
        ref: purl,
        type: 'file',
        name,
        version,
        purl,
        origin: 'url',
        scope: 'required',
        hashes: hash === undefined ? undefined : [hash],
        downloadUrl: url,
        occurrences: [{ path: context.path }],
      })
      // What a module imports stands in the module.
      builder.incomplete(ref, 'unknown')
      return ref
    })
  }

  #addJsrNeeds(id: string, entry: unknown): void {
    const from = this.#refs.get(`jsr:${id}`)
    if (from === undefined) return
    for (const specifier of strings(field(entry, 'dependencies')))
      this.#around.graph.need(from, this.#findSpecifier(specifier), 'required', false, specifier)
  }

  #addNpmNeeds(id: string, entry: unknown): void {
    const from = this.#refs.get(`npm:${id}`)
    if (from === undefined) return
    const needs = field(entry, 'dependencies')
    // Up to version 3: the name in the code to the ID.
    if (isTable(needs))
      for (const [, to] of entries(needs)) {
        const id = scalarText(to)
        this.#around.graph.need(from, this.#refs.get(`npm:${id}`), 'required', false, id)
      }
    for (const need of strings(needs))
      this.#around.graph.need(from, this.#findNpm(need), 'required', false, need)
    for (const need of strings(field(entry, 'optionalDependencies')))
      this.#around.graph.need(from, this.#findNpm(need), 'optional', true)
  }

  #addRootNeeds(remote: readonly string[]): void {
    const { builder, graph, context } = this.#around
    const root = builder.root.ref
    for (const ref of remote) graph.need(root, ref, 'required', false)
    const { workspace } = this.#sections
    const isKnown = isTable(workspace) && Object.keys(workspace).length > 0
    if (isKnown) {
      const members = entries(field(workspace, 'members')).map(([folder, member]) => {
        const ref = addLocalFolder(builder, context, folder, { origin: 'workspace', scope: 'required' })
        graph.need(root, ref, 'required', false)
        const { path, outside } = resolveInside(context.folder, folder)
        const manifest = outside ? undefined : readManifest(path, context)
        if (manifest?.name !== undefined) this.#memberByName.set(manifest.name, ref)
        return { ref, member, scopes: scopesOf(manifest) }
      })
      this.#addMemberNeeds(root, workspace, this.#around.scopes)
      for (const { ref, member, scopes } of members) this.#addMemberNeeds(ref, member, scopes)
      return
    }
    const packages = [...new Set(this.#refs.values())]
    for (const ref of unneeded(
      packages,
      graph.edges.map(([from, to]) => [from, to] as const),
    ))
      graph.need(root, ref, 'required', false)
    if (packages.length > 0) builder.incomplete(root, 'incomplete')
  }

  #addMemberNeeds(from: string, member: unknown, scopes: ReadonlyMap<string, Scope>): void {
    const specifiers = [
      ...strings(field(member, 'dependencies')),
      ...strings(field(field(member, 'packageJson'), 'dependencies')),
    ]
    for (const specifier of specifiers) {
      const [name] = splitId(specifier.slice(specifier.indexOf(':') + 1))
      const scope = scopes.get(name) ?? 'required'
      // The lockfile has no entry for what another member provides.
      const to = this.#findSpecifier(specifier) ?? this.#memberByName.get(name)
      this.#around.graph.need(from, to, scope, false, specifier)
    }
  }

  #findSpecifier(specifier: string): string | undefined {
    const found = string(field(this.#sections.specifiers, specifier))
    if (found === undefined) return this.#refs.get(specifier)
    const kind = specifier.slice(0, specifier.indexOf(':') + 1)
    if (found.startsWith(kind)) return this.#refs.get(found)
    // Version 2 knows only npm, and does not write it.
    if (kind !== 'npm:' && kind !== 'jsr:') return this.#refs.get(`npm:${found}`)
    const [name] = splitId(specifier.slice(kind.length))
    return this.#refs.get(`${kind}${name}@${found}`)
  }

  /** `name`, `name@version`, `key@npm:name@version`. */
  #findNpm(need: string): string | undefined {
    const alias = need.indexOf('@npm:')
    const id = alias > 0 ? need.slice(alias + '@npm:'.length) : need
    const exact = this.#refs.get(`npm:${id}`)
    if (exact !== undefined) return exact
    const named = this.#npmByName.get(id)
    return named?.size === 1 ? [...named][0] : undefined
  }
}

/** Name and version of `@scope/name@1.2.3_peer@4.5.6`; the version is undefined where there is none. */
function splitId(id: string): readonly [string, string | undefined] {
  const at = id.indexOf('@', 1)
  if (at === -1) return [id, undefined]
  const [version] = id.slice(at + 1).split('_')
  return [id.slice(0, at), version === '' ? undefined : version]
}
