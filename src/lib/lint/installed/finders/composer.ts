/** PHP packages in `vendor/`, as `vendor/composer/installed.json` describes them. */
import { isLicenseFileName } from '../../licenses/texts/index.ts'
import { array, field, string, strings, type Table, tables } from '../../readers/parse/shape.ts'
import type { ProjectFiles } from '../../readers/reader.ts'
import { below, type ManifestFacts, type PackageFinder } from '../installed-package.ts'
import { partyOf } from '../manifest/party.ts'
import { readJson } from '../manifest/read-manifest.ts'
import { sourceOf, webUrl } from '../manifest/urls.ts'

interface Place {
  readonly entry: Table
  readonly folder: string
}

export function composerVendor(files: ProjectFiles, folders: readonly string[]): PackageFinder {
  let places: ReadonlyMap<string, Place> | undefined
  return {
    find(name, version) {
      places ??= collect(files, folders)
      const place = places.get(`${name.toLowerCase()}@${plainVersion(version)}`)
      if (place === undefined) return undefined
      return {
        facts: factsOfComposer(place.entry),
        licenseFiles: files
          .list(place.folder)
          .filter(isLicenseFileName)
          .map((file) => below(place.folder, file)),
      }
    },
  }
}

/** What a composer.json says, or an entry of installed.json. */
export function factsOfComposer(entry: unknown): ManifestFacts {
  const license = field(entry, 'license')
  // A list offers a choice, says the schema of composer.json.
  const licenses = Array.isArray(license)
    ? strings(license)
    : [string(license)].filter((id) => id !== undefined)
  const source = field(entry, 'source')
  const support = field(entry, 'support')
  return {
    license: licenses.length === 0 ? undefined : licenses.join(' OR '),
    author: partyOf(tables(field(entry, 'authors'))[0]),
    homepage: webUrl(string(field(entry, 'homepage'))),
    description: string(field(entry, 'description')),
    source:
      sourceOf(string(field(source, 'url')), string(field(source, 'reference'))) ??
      sourceOf(webUrl(string(field(support, 'source')))?.replace(/\/tree\/.*$/, '')),
  }
}

function collect(files: ProjectFiles, folders: readonly string[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  for (const folder of folders) {
    const list = readJson(files, below(folder, 'vendor', 'composer', 'installed.json'))
    // The first generation of Composer wrote the bare list.
    for (const entry of tables(array(field(list, 'packages') ?? list))) {
      const name = string(field(entry, 'name'))
      const version = string(field(entry, 'version'))
      if (name === undefined || version === undefined || !/^\w[\w.-]*\/\w[\w.-]*$/.test(name)) continue
      const key = `${name.toLowerCase()}@${plainVersion(version)}`
      if (!places.has(key)) places.set(key, { entry, folder: below(folder, 'vendor', name) })
    }
  }
  return places
}

function plainVersion(version: string): string {
  return version.replace(/^v(?=\d)/, '')
}
