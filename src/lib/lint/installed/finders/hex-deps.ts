/** Elixir and Erlang packages in `deps/`, described by `hex_metadata.config` (Erlang terms). */
import { isLicenseFileName } from '../../licenses/texts/index.ts'
import type { ProjectFiles } from '../../readers/reader.ts'
import { below, foldersIn, type ManifestFacts, type PackageFinder } from '../installed-package.ts'
import { readLoosely } from '../manifest/read-manifest.ts'
import { sourceOf, webUrl } from '../manifest/urls.ts'

interface Place {
  readonly metadata: string
  readonly folder: string
}

/** Mix puts packages into the first, rebar3 into the second. */
const FOLDERS = ['deps', '_build/default/lib']

const BINARY = '<<"((?:[^"\\\\]|\\\\.){0,5000})"(?:/utf8)?>>'

export function hexDeps(files: ProjectFiles, folders: readonly string[]): PackageFinder {
  let places: ReadonlyMap<string, Place> | undefined
  return {
    find(name, version) {
      places ??= collect(files, folders)
      const place = places.get(`${name}@${version}`)
      if (place === undefined) return undefined
      const licenseFiles = files
        .list(place.folder)
        .filter(isLicenseFileName)
        .map((file) => below(place.folder, file))
      return { facts: factsOf(place.metadata), licenseFiles }
    },
  }
}

function collect(files: ProjectFiles, folders: readonly string[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  const homes = folders.flatMap((folder) => FOLDERS.map((name) => below(folder, name)))
  for (const folder of homes.flatMap((home) =>
    foldersIn(files.list(home)).map((name) => below(home, name)),
  )) {
    const metadata = readLoosely(files, below(folder, 'hex_metadata.config'))
    if (metadata === undefined) continue
    const key = `${value(metadata, 'name')}@${value(metadata, 'version')}`
    if (!places.has(key)) places.set(key, { metadata, folder })
  }
  return places
}

function factsOf(metadata: string): ManifestFacts {
  const [, licenses = ''] = /\{<<"licenses">>,\s*\[([^\]]{0,5000})\]\}/.exec(metadata) ?? []
  const [, links = ''] = /\{<<"links">>,\s*\[([^\]]{0,20000})\]\}/.exec(metadata) ?? []
  const addresses = new Map(
    [...links.matchAll(new RegExp(`\\{${BINARY},\\s*${BINARY}\\}`, 'g'))].map(
      ([, label = '', address = '']) => [label.toLowerCase(), address],
    ),
  )
  // What several licenses mean together is not defined: they stay a list, which is no expression.
  const names = [...licenses.matchAll(new RegExp(BINARY, 'g'))].map(([, name]) => name)
  return {
    license: names.length === 0 ? undefined : names.join(', '),
    homepage: webUrl(addresses.get('website') ?? addresses.get('homepage')),
    description: value(metadata, 'description'),
    source: sourceOf(addresses.get('github') ?? addresses.get('gitlab') ?? addresses.get('source')),
  }
}

function value(metadata: string, key: string): string | undefined {
  const [, text] = new RegExp(`\\{<<"${key}">>,\\s*${BINARY}\\}`).exec(metadata) ?? []
  return text?.replace(/\\(.)/g, '$1')
}
