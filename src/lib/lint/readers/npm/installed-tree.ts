/** The `packages` of lockfileVersion 2 and 3: one entry for each place in the tree of `node_modules`. */
import type { Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  addLocalArchive,
  addLocalFolder,
  buildProject,
  folderComponent,
  integrityHashes,
  type LockContext,
  licenseText,
  matchesWorkspace,
  needsOf,
  npmComponent,
  readManifest,
  workspacePatterns,
} from '../javascript/index.ts'
import { attempt } from '../lock/index.ts'
import { entries, field, isTable, string, type Table, table } from '../parse/shape.ts'
import type { ReadProject } from '../reader.ts'

const IN_MODULES = 'node_modules/'

/** No file system has longer paths; looking for a package goes up all of one. */
const MAX_PLACE_LENGTH = 4096

export function readInstalledTree(lock: Table, context: LockContext): ReadProject {
  const tree = new InstalledTree(lock, context)
  tree.addComponents()
  tree.addEdges()
  return tree.build()
}

class InstalledTree {
  readonly #context: LockContext
  readonly #places: ReadonlyMap<string, Table>
  readonly #builder: ProjectBuilder
  readonly #workspaces: readonly string[]
  /** The component at each place; a link has that of its target. */
  readonly #refs = new Map<string, string>()

  constructor(lock: Table, context: LockContext) {
    this.#context = context
    const written = entries(field(lock, 'packages'))
    const isUsable = (place: readonly [string, unknown]): place is [string, Table] =>
      isTable(place[1]) && place[0].length <= MAX_PLACE_LENGTH
    this.#places = new Map(written.filter(isUsable))
    const entry = table(this.#places.get(''))
    const manifest = readManifest(context.folder, context)
    this.#workspaces = manifest?.workspaces ?? workspacePatterns(entry)
    const root = folderComponent(context.folder, manifest, {
      origin: 'workspace',
      scope: 'required',
      type: 'application',
      path: context.path,
      name: string(field(entry, 'name')) ?? string(field(lock, 'name')),
      version: string(field(entry, 'version')) ?? string(field(lock, 'version')),
    })
    this.#builder = new ProjectBuilder(root)
    if (this.#places.size < written.length)
      this.#builder.warn('some entries of the lockfile are no packages, or lie too deep; they are left out', {
        path: context.path,
      })
    this.#refs.set('', root.ref)
  }

  build(): ReadProject {
    return buildProject(this.#builder, this.#context)
  }

  addComponents(): void {
    const names = this.#linkNames()
    for (const [place, entry] of this.#places) {
      if (place === '' || field(entry, 'link') === true) continue
      const installed = place.lastIndexOf(IN_MODULES)
      const ref =
        installed === -1
          ? this.#addFolder(place, entry, names.get(place))
          : attempt(this.#builder, { path: this.#context.path }, () =>
              this.#addPackage(place.slice(installed + IN_MODULES.length), entry),
            )
      if (ref !== undefined) this.#refs.set(place, ref)
    }
    for (const [place, entry] of this.#places) {
      const target = field(entry, 'link') === true ? string(field(entry, 'resolved')) : undefined
      if (target === undefined) continue
      const name = names.get(target)
      this.#refs.set(place, this.#refs.get(target) ?? this.#addFolder(target, {}, name))
    }
  }

  addEdges(): void {
    for (const [place, entry] of this.#places) {
      const from = this.#refs.get(place)
      if (from === undefined || field(entry, 'link') === true) continue
      const isFolder = !place.includes(IN_MODULES)
      for (const { name, scope, mayBeAbsent } of needsOf(entry, isFolder)) {
        const to = this.#resolve(place, name)
        if (to !== undefined) this.#builder.depend(from, to)
        else if (!mayBeAbsent && scope !== 'dev') this.#builder.incomplete(from, 'incomplete')
      }
    }
    for (const [place, entry] of this.#places) {
      const target = string(field(entry, 'resolved')) ?? ''
      const to = this.#refs.get(place)
      if (field(entry, 'link') !== true || to === undefined) continue
      if (matchesWorkspace(target, this.#workspaces)) this.#builder.depend(this.#builder.root.ref, to)
    }
  }

  /** Names that links give to folders of the project. */
  #linkNames(): ReadonlyMap<string, string> {
    const names = new Map<string, string>()
    for (const [place, entry] of this.#places) {
      const target = string(field(entry, 'resolved'))
      if (field(entry, 'link') === true && target !== undefined && !names.has(target))
        names.set(target, place.slice(place.lastIndexOf(IN_MODULES) + IN_MODULES.length))
    }
    return names
  }

  #addPackage(place: string, entry: Table): string {
    const { path } = this.#context
    const name = string(field(entry, 'name')) ?? place
    const resolved = string(field(entry, 'resolved'))
    const version = string(field(entry, 'version'))
    const hashes = integrityHashes(string(field(entry, 'integrity')))
    const scope = scopeOf(entry)
    if (resolved?.startsWith('file:') === true) {
      const target = resolved.slice('file:'.length)
      return addLocalArchive(this.#builder, this.#context, target, { name, version, scope, hashes })
    }
    const deprecated = string(field(entry, 'deprecated'))
    return this.#builder.add(
      npmComponent({
        name,
        version,
        resolved,
        hashes,
        scope,
        license: licenseText(field(entry, 'license') ?? field(entry, 'licenses')),
        bundled: field(entry, 'inBundle') === true,
        alias: place,
        path,
        properties: deprecated === undefined ? undefined : { 'aiv:npm:deprecated': deprecated },
      }),
    )
  }

  #addFolder(target: string, entry: Table, linkName: string | undefined): string {
    return addLocalFolder(this.#builder, this.#context, target, {
      origin: matchesWorkspace(target, this.#workspaces) ? 'workspace' : 'path',
      scope: scopeOf(entry),
      name: string(field(entry, 'name')) ?? linkName,
      version: string(field(entry, 'version')),
    })
  }

  /** As Node does: the nearest `node_modules` upwards that has the name. */
  #resolve(place: string, name: string): string | undefined {
    for (let folder = place; ; folder = parentOf(folder)) {
      const ref = this.#refs.get(folder === '' ? IN_MODULES + name : `${folder}/${IN_MODULES}${name}`)
      if (ref !== undefined || folder === '') return ref
    }
  }
}

/** The next folder upwards that may have a `node_modules` of its own. */
function parentOf(folder: string): string {
  let parent = folder
  do parent = parent.slice(0, Math.max(0, parent.lastIndexOf('/')))
  while (parent === 'node_modules' || parent.endsWith('/node_modules'))
  return parent
}

/** npm marks what is reached in one way only; `devOptional` is reached in both of these ways. */
function scopeOf(entry: Table): Scope {
  if (field(entry, 'dev') === true) return 'dev'
  return field(entry, 'optional') === true || field(entry, 'devOptional') === true ? 'optional' : 'required'
}
