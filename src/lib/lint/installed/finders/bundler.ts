/** Ruby gems that Bundler installed into the project: `vendor/bundle/ruby/VERSION/{specifications,gems}`. */
import { isLicenseFileName } from '../../licenses/texts/index.ts'
import type { ProjectFiles } from '../../readers/reader.ts'
import {
  below,
  foldersIn,
  MAX_INSTALLED,
  type ManifestFacts,
  type PackageFinder,
} from '../installed-package.ts'
import { partyOf } from '../manifest/party.ts'
import { readLoosely } from '../manifest/read-manifest.ts'
import { sourceOf, webUrl } from '../manifest/urls.ts'

interface Place {
  readonly specification: string
  readonly folder: string
}

/** Where `bundle install --deployment` and `--path` put gems. */
const BUNDLES = ['vendor/bundle/ruby', '.bundle/ruby', 'vendor/bundle/jruby', 'vendor/bundle/truffleruby']

/** A string as RubyGems writes it; nothing in the file is run. */
const RUBY_STRING = '"((?:[^"\\\\]|\\\\.){0,5000})"(?:\\.freeze)?'

export function bundledGems(files: ProjectFiles, folders: readonly string[]): PackageFinder {
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
      return { facts: factsOf(place.specification), licenseFiles }
    },
  }
}

function collect(files: ProjectFiles, folders: readonly string[]): ReadonlyMap<string, Place> {
  const places = new Map<string, Place>()
  const homes = folders.flatMap((folder) =>
    BUNDLES.flatMap((bundle) => {
      const place = below(folder, bundle)
      return foldersIn(files.list(place)).map((version) => below(place, version))
    }),
  )
  for (const home of homes) {
    for (const file of files.list(below(home, 'specifications'))) {
      if (!file.endsWith('.gemspec') || places.size >= MAX_INSTALLED) continue
      const specification = readLoosely(files, below(home, 'specifications', file)) ?? ''
      const key = `${value(specification, 'name')}@${value(specification, 'version')}`
      const folder = below(home, 'gems', file.slice(0, -'.gemspec'.length))
      if (!places.has(key)) places.set(key, { specification, folder })
    }
  }
  return places
}

function factsOf(specification: string): ManifestFacts {
  const licenses = list(specification, 'licenses')
  const homepage = webUrl(value(specification, 'homepage'))
  const [, sourceUri] = new RegExp(`"source_code_uri"\\s*=>\\s*${RUBY_STRING}`).exec(specification) ?? []
  return {
    // What several mean together is not defined: they stay a list, which is no expression.
    license: licenses.length === 0 ? value(specification, 'license') : licenses.join(', '),
    author: partyOf(list(specification, 'authors')[0]),
    homepage,
    description: value(specification, 'summary'),
    source: sourceOf(sourceUri?.replace(/\/tree\/.*$/, '')),
  }
}

function value(specification: string, field: string): string | undefined {
  const [, text] =
    new RegExp(`^[ \\t]*s\\.${field}[ \\t]*=[ \\t]*${RUBY_STRING}`, 'm').exec(specification) ?? []
  return unescaped(text)
}

function list(specification: string, field: string): readonly string[] {
  const [, text = ''] =
    new RegExp(`^[ \\t]*s\\.${field}[ \\t]*=[ \\t]*\\[([^\\]\\n]{0,5000})\\]`, 'm').exec(specification) ?? []
  return [...text.matchAll(new RegExp(RUBY_STRING, 'g'))].flatMap(([, item]) => unescaped(item) ?? [])
}

function unescaped(text: string | undefined): string | undefined {
  const plain = text
    ?.replace(/\\u\{?([0-9a-fA-F]{4,6})\}?/g, (_, code: string) =>
      String.fromCodePoint(Math.min(parseInt(code, 16), 0x10ffff)),
    )
    .replace(/\\(.)/g, '$1')
  return plain === '' ? undefined : plain
}
