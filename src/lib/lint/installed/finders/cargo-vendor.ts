/** Rust crates in `vendor/`, as `cargo vendor` writes them. */
import { isLicenseFileName } from '../../licenses/texts/index.ts'
import { array, field, string, type Table, table } from '../../readers/parse/shape.ts'
import type { ProjectFiles } from '../../readers/reader.ts'
import {
  below,
  foldersIn,
  MAX_INSTALLED,
  type ManifestFacts,
  type PackageFinder,
} from '../installed-package.ts'
import { partyOf } from '../manifest/party.ts'
import { readJson, readToml } from '../manifest/read-manifest.ts'
import { sourceOf, webUrl } from '../manifest/urls.ts'

interface Place {
  readonly manifest: Table
  readonly folder: string
  readonly names: readonly string[]
}

export function cargoVendor(files: ProjectFiles, folders: readonly string[]): PackageFinder {
  let places: ReadonlyMap<string, Place> | undefined
  return {
    find(name, version) {
      places ??= collect(files, folders)
      const place = places.get(`${name}@${version}`)
      if (place === undefined) return undefined
      const { manifest, folder, names } = place
      const commit = string(
        field(field(readJson(files, below(folder, '.cargo_vcs_info.json')), 'git'), 'sha1'),
      )
      return {
        facts: factsOfCargo(manifest, commit),
        licenseFiles: names.filter(isLicenseFileName).map((file) => below(folder, file)),
      }
    },
  }
}

/** @param manifest the `[package]` table of a Cargo.toml */
export function factsOfCargo(manifest: unknown, commit?: string): ManifestFacts {
  return {
    license: string(field(manifest, 'license')),
    author: partyOf(array(field(manifest, 'authors'))[0]),
    homepage: webUrl(string(field(manifest, 'homepage'))),
    description: string(field(manifest, 'description')),
    source: sourceOf(string(field(manifest, 'repository'))?.replace(/\/tree\/.*$/, ''), commit),
  }
}

function collect(files: ProjectFiles, folders: readonly string[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  for (const vendor of folders.map((folder) => below(folder, 'vendor'))) {
    for (const folder of foldersIn(files.list(vendor)).map((name) => below(vendor, name))) {
      if (places.size >= MAX_INSTALLED) return places
      const names = files.list(folder)
      // Only crates have this file; `vendor` holds packages of other languages too.
      if (!names.includes('.cargo-checksum.json')) continue
      const manifest = table(field(readToml(files, below(folder, 'Cargo.toml')), 'package'))
      const key = `${string(field(manifest, 'name'))}@${string(field(manifest, 'version'))}`
      if (!places.has(key)) places.set(key, { manifest, folder, names })
    }
  }
  return places
}
