/** Packages in `node_modules`: nested, in workspaces, and in the stores of pnpm, Bun, Deno and Yarn below it. */

import { isLicenseFileName } from '../../licenses/texts/index.ts'
import { field, isTable, string, type Table, table } from '../../readers/parse/shape.ts'
import type { ProjectFiles } from '../../readers/reader.ts'
import {
  below,
  foldersIn,
  type InstalledPackage,
  MAX_INSTALLED,
  type ManifestFacts,
  type PackageFinder,
} from '../installed-package.ts'
import { partyOf } from '../manifest/party.ts'
import { readJson } from '../manifest/read-manifest.ts'
import { sourceOf, webUrl } from '../manifest/urls.ts'

/** Folders in `node_modules` whose folders each have a `node_modules`, or a `package`, of their own. */
const STORES = new Set(['.pnpm', '.bun', '.deno', '.store'])

/** Deeper than any tree that npm makes. */
const MAX_DEPTH = 64

interface Place {
  readonly manifest: Table
  readonly folder: string
  readonly names: readonly string[]
}

export function nodeModules(files: ProjectFiles, folders: readonly string[]): PackageFinder {
  let places: ReadonlyMap<string, Place> | undefined
  return {
    find(name, version) {
      places ??= collect(files, folders)
      const place = places.get(`${name}@${version}`)
      return place === undefined ? undefined : packageAt(place)
    },
  }
}

/** What a package.json says. */
export function factsOfPackageJson(manifest: unknown): ManifestFacts {
  const repository = field(manifest, 'repository')
  return {
    license: licenseOf(manifest),
    author: partyOf(field(manifest, 'author')),
    maintainer: partyOf(firstOf(field(manifest, 'maintainers'))),
    homepage: webUrl(string(field(manifest, 'homepage'))),
    description: string(field(manifest, 'description')),
    source: sourceOf(
      string(isTable(repository) ? field(repository, 'url') : repository),
      string(field(manifest, 'gitHead')),
    ),
  }
}

/** `license`, and the forms before npm 1.3: a table, and a list, which offered a choice. */
function licenseOf(manifest: unknown): string | undefined {
  const value = field(manifest, 'license') ?? field(manifest, 'licenses')
  if (!Array.isArray(value)) return string(isTable(value) ? field(value, 'type') : value)
  const types = value.map((item: unknown) => string(isTable(item) ? field(item, 'type') : item))
  return types.length > 0 && types.every((type) => type !== undefined) ? types.join(' OR ') : undefined
}

function firstOf(value: unknown): unknown {
  return Array.isArray(value) ? value[0] : value
}

function packageAt({ manifest, folder, names }: Place): InstalledPackage {
  return {
    facts: factsOfPackageJson(manifest),
    licenseFiles: names.filter(isLicenseFileName).map((name) => below(folder, name)),
  }
}

function collect(files: ProjectFiles, folders: readonly string[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  // Shallow ones first, so that of two places of one package the shortest path is named.
  let open = folders.map((folder) => below(folder, 'node_modules'))
  for (let depth = 0; depth < MAX_DEPTH && open.length > 0; depth += 1) {
    const next: string[] = []
    for (const folder of open.flatMap((modules) => packageFolders(files, modules))) {
      if (places.size >= MAX_INSTALLED) return places
      const names = files.list(folder)
      if (names.includes('node_modules/')) next.push(below(folder, 'node_modules'))
      if (!names.includes('package.json')) continue
      const manifest = table(readJson(files, below(folder, 'package.json')))
      const key = `${string(field(manifest, 'name'))}@${string(field(manifest, 'version'))}`
      if (!places.has(key)) places.set(key, { manifest, folder, names })
    }
    open = next
  }
  return places
}

/** Links are not followed: what they lead to has a place of its own in a store, or is a part of the project. */
function packageFolders(files: ProjectFiles, modules: string): readonly string[] {
  return foldersIn(files.list(modules)).flatMap((name) => {
    const folder = below(modules, name)
    if (name.startsWith('@')) return foldersIn(files.list(folder)).map((inner) => below(folder, inner))
    if (STORES.has(name))
      return foldersIn(files.list(folder)).flatMap((inner) => storedFolders(files, below(folder, inner)))
    return name.startsWith('.') ? [] : [folder]
  })
}

function storedFolders(files: ProjectFiles, folder: string): readonly string[] {
  const names = files.list(folder)
  const own = names.includes('package/') ? [below(folder, 'package')] : []
  // A store keeps the links to dependencies beside the package; only the package is a folder.
  const inner = names.includes('node_modules/') ? packageFolders(files, below(folder, 'node_modules')) : []
  return [...own, ...inner]
}
