/** `bun.lock`: JSON with trailing commas; one tuple for each package, by its place in the tree (Bun reference, BunLockFile). */
import { ProjectBuilder } from '../builder.ts'
import {
  addLocalArchive,
  addLocalFolder,
  folderComponent,
  integrityHashes,
  type LockContext,
  NeedsGraph,
  needsOf,
  npmComponent,
  parseArchiveUrl,
  readLock,
  readManifest,
  unusable,
} from '../javascript/index.ts'
import { attempt } from '../lock/index.ts'
import { parseJsonWithComments } from '../parse/json.ts'
import { array, entries, field, isTable, string, strings, type Table, table } from '../parse/shape.ts'
import type { Reader, ReadProject } from '../reader.ts'

const LAST_VERSION = 2

/** No file system has longer paths; looking for a package goes up all of one. */
const MAX_KEY_LENGTH = 4096

export const bunReader: Reader = {
  id: 'bun',
  read(path, files) {
    if (path.endsWith('.lockb'))
      return {
        projects: [],
        problems: [
          {
            severity: 'error',
            message:
              'the binary lockfile of bun is not read; "bun install --save-text-lockfile" makes bun.lock of it',
            path,
          },
        ],
      }
    return readLock(path, files, parseJsonWithComments, readBunLock)
  },
}

function readBunLock(lock: unknown, context: LockContext): readonly ReadProject[] {
  if (!isTable(lock)) throw unusable('it is no lockfile of bun: there is no object in it')
  const version = field(lock, 'lockfileVersion')
  if (typeof version !== 'number' || !(version >= 0 && version <= LAST_VERSION))
    throw unusable(
      `lockfileVersion ${JSON.stringify(version)?.slice(0, 20)} of bun is not known; 0 to ${LAST_VERSION} are`,
    )
  return [new BunLock(lock, context).read()]
}

interface Place {
  readonly ref: string
  readonly info: Table
}

class BunLock {
  readonly #lock: Table
  readonly #context: LockContext
  readonly #builder: ProjectBuilder
  readonly #graph: NeedsGraph
  /** By key: the names on the way through the tree, with a slash between. */
  readonly #places = new Map<string, Place>()
  readonly #patched: Table

  constructor(lock: Table, context: LockContext) {
    this.#lock = lock
    this.#context = context
    this.#patched = table(field(lock, 'patchedDependencies'))
    const own = field(field(lock, 'workspaces'), '')
    this.#builder = new ProjectBuilder(
      folderComponent(context.folder, readManifest(context.folder, context), {
        origin: 'workspace',
        scope: 'required',
        type: 'application',
        path: context.path,
        name: string(field(own, 'name')),
        version: string(field(own, 'version')),
      }),
    )
    this.#graph = new NeedsGraph(this.#builder)
  }

  read(): ReadProject {
    for (const [key, tuple] of entries(field(this.#lock, 'packages'))) this.#addPlace(key, array(tuple))
    for (const [key, { ref, info }] of this.#places) this.#addNeeds(ref, info, key, false)
    const root = this.#builder.root.ref
    for (const [folder, member] of entries(field(this.#lock, 'workspaces'))) {
      if (!isTable(member)) continue
      const ref = folder === '' ? root : this.#folder(folder, 'workspace', string(field(member, 'name')))
      if (ref !== root) this.#graph.need(root, ref, 'required', false)
      this.#addNeeds(ref, member, string(field(member, 'name')) ?? '', true)
    }
    return this.#graph.project(this.#context)
  }

  #addPlace(key: string, tuple: readonly unknown[]): void {
    const ident = string(tuple[0]) ?? ''
    const at = ident.indexOf('@', 1)
    if (at === -1 || key.length > MAX_KEY_LENGTH) {
      this.#builder.warn(`${JSON.stringify(key).slice(0, 200)} names no package; it is left out`, {
        path: this.#context.path,
      })
      return
    }
    const info = table(tuple.find(isTable))
    const place = { path: this.#context.path }
    const ref = attempt(this.#builder, place, () => this.#addPackage(key, ident, at, tuple))
    if (ref !== undefined) this.#places.set(key, { ref, info })
  }

  #addPackage(key: string, ident: string, at: number, tuple: readonly unknown[]): string {
    const name = ident.slice(0, at)
    const resolution = ident.slice(at + 1)
    const hashes = strings(tuple.slice(1)).flatMap((text) => integrityHashes(text))
    const local = /^(workspace|link|file|root|portal):(.*)$/.exec(resolution)
    if (local?.[1] === 'root') return this.#builder.root.ref
    if (local !== null)
      return this.#folder(local[2] ?? '', local[1] === 'workspace' ? 'workspace' : 'path', name)
    if (/\.(?:tgz|tar\.gz|tar)$/.test(resolution) && !resolution.includes('://'))
      return addLocalArchive(this.#builder, this.#context, resolution, { name, scope: 'required', hashes })
    const isVersion = /^\d+\.\d+\.\d+/.test(resolution)
    const registry = isVersion ? string(tuple[1]) : undefined
    const archive = parseArchiveUrl(registry ?? '')
    const isArchive = archive?.name !== undefined || archive?.url.endsWith('.tgz') === true
    const patch = string(field(this.#patched, ident))
    return this.#builder.add(
      npmComponent({
        name,
        version: isVersion ? resolution : undefined,
        resolved: isVersion ? (isArchive ? registry : undefined) : resolution,
        registry: isArchive ? undefined : archive?.url.replace(/\/$/, ''),
        hashes,
        scope: 'required',
        alias: lastName(key),
        path: this.#context.path,
        properties: patch === undefined ? undefined : { 'aiv:npm:patch': patch },
      }),
    )
  }

  #folder(target: string, origin: 'workspace' | 'path', name: string | undefined): string {
    return addLocalFolder(this.#builder, this.#context, target, { origin, scope: 'required', name })
  }

  #addNeeds(from: string, info: Table, key: string, isMember: boolean): void {
    const optionalPeers = new Set(strings(field(info, 'optionalPeers')))
    for (const { name, range, scope, isPeer, mayBeAbsent } of needsOf(info, isMember))
      this.#graph.need(
        from,
        this.#resolve(key, name),
        scope,
        mayBeAbsent || (isPeer && optionalPeers.has(name)),
        `${name}@${range}`,
      )
  }

  /** The nearest place upwards in the tree, as Node would find it. */
  #resolve(key: string, name: string): string | undefined {
    for (let at = key; at !== ''; at = parentKey(at)) {
      const place = this.#places.get(`${at}/${name}`)
      if (place !== undefined) return place.ref
    }
    return this.#places.get(name)?.ref
  }
}

/** `a/@scope/b` is `@scope/b` inside `a`. */
function parentKey(key: string): string {
  return key.slice(0, Math.max(0, key.length - lastName(key).length - 1))
}

function lastName(key: string): string {
  const slash = key.lastIndexOf('/')
  const before = key.lastIndexOf('/', slash - 1)
  return slash !== -1 && key[before + 1] === '@' ? key.slice(before + 1) : key.slice(slash + 1)
}
