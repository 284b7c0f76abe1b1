/** Python distributions in virtual environments of the project: `*.dist-info` and `*.egg-info` (core metadata 2.4). */
import type { Party } from '../../bom/index.ts'
import { isLicenseFileName } from '../../licenses/texts/index.ts'
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
import { readLoosely } from '../manifest/read-manifest.ts'
import { sourceOf, webUrl } from '../manifest/urls.ts'

/** A license field that is longer holds the text itself. */
const MAX_LICENSE_NAME = 120
/** Of the first of the people whom an address field names. */
const MAX_ADDRESS_LENGTH = 500

type Headers = ReadonlyMap<string, readonly string[]>

export function pythonDistributions(files: ProjectFiles, folders: readonly string[]): PackageFinder {
  let places: ReadonlyMap<string, string> | undefined
  return {
    find(name, version) {
      places ??= collect(files, folders)
      const folder = places.get(`${normalName(name)}@${version}`)
      if (folder === undefined) return undefined
      const headers = headersOf(files, folder)
      // The folder's name is made of these two, and may be shortened.
      if (headers.get('version')?.[0] !== version) return undefined
      return packageAt(files, folder, headers)
    },
  }
}

function collect(files: ProjectFiles, folders: readonly string[]): ReadonlyMap<string, string> {
  const places = new Map<string, string>()
  for (const site of folders.flatMap((folder) => sitePackages(files, folder))) {
    for (const name of foldersIn(files.list(site))) {
      const [, project = '', version] =
        /^([^-]+)-([^-]+)(?:-py[\d.]+[^/]*)?\.(?:dist|egg)-info$/.exec(name) ?? []
      if (version === undefined || places.size >= MAX_INSTALLED) continue
      const key = `${normalName(project)}@${version}`
      if (!places.has(key)) places.set(key, below(site, name))
    }
  }
  return places
}

/** A virtual environment is a folder with a `pyvenv.cfg`, whatever its name. */
function sitePackages(files: ProjectFiles, folder: string): readonly string[] {
  const top = foldersIn(files.list(below(folder))).filter(
    (name) => name !== 'node_modules' && name !== '.git',
  )
  const environments = top
    .map((name) => below(folder, name))
    .filter((path) => path.endsWith('__pypackages__') || files.list(path).includes('pyvenv.cfg'))
  return environments.flatMap((path) =>
    path.endsWith('__pypackages__')
      ? foldersIn(files.list(path)).map((version) => below(path, version, 'lib'))
      : [
          below(path, 'Lib', 'site-packages'),
          ...foldersIn(files.list(below(path, 'lib'))).map((name) =>
            below(path, 'lib', name, 'site-packages'),
          ),
        ],
  )
}

/** Names are equal as PEP 503 says. */
function normalName(name: string): string {
  return name.toLowerCase().replace(/[-_.]+/g, '-')
}

function headersOf(files: ProjectFiles, folder: string): Headers {
  const text =
    readLoosely(files, below(folder, 'METADATA')) ?? readLoosely(files, below(folder, 'PKG-INFO')) ?? ''
  const headers = new Map<string, string[]>()
  let last: string[] | undefined
  for (const line of text.split(/\r?\n/)) {
    if (line === '') break
    if (/^[ \t]/.test(line) && last !== undefined) {
      last.push(`${last.pop() ?? ''}\n${line.trim()}`)
      continue
    }
    const colon = line.indexOf(':')
    if (colon === -1) continue
    const key = line.slice(0, colon).toLowerCase()
    last = headers.get(key) ?? []
    last.push(line.slice(colon + 1).trim())
    headers.set(key, last)
  }
  return headers
}

function packageAt(files: ProjectFiles, folder: string, headers: Headers): InstalledPackage {
  const named = (headers.get('license-file') ?? []).filter((path) => !path.split(/[\\/]/).includes('..'))
  const places = [folder, below(folder, 'licenses')]
  const listed = places.flatMap((place) => files.list(place).map((name) => below(place, name)))
  const nested = named.filter((path) => path.includes('/')).map((path) => below(folder, 'licenses', path))
  const paths = [...listed, ...nested].filter((path) =>
    isLicenseFileName(path.slice(path.lastIndexOf('/') + 1)),
  )
  return { facts: factsOf(headers), licenseFiles: [...new Set(paths)].sort() }
}

function factsOf(headers: Headers): ManifestFacts {
  const one = (key: string): string | undefined => known(headers.get(key)?.[0])
  const links = new Map(
    (headers.get('project-url') ?? []).map((text) => {
      const comma = text.indexOf(',')
      return [text.slice(0, comma).trim().toLowerCase(), text.slice(comma + 1).trim()]
    }),
  )
  const source = ['source', 'source code', 'repository', 'code', 'github', 'sources', 'source-code']
    .map((label) => links.get(label))
    .find((link) => link !== undefined)
  return {
    license: licenseOf(headers),
    author: person(one('author'), one('author-email')),
    maintainer: person(one('maintainer'), one('maintainer-email')),
    homepage: webUrl(one('home-page') ?? links.get('homepage') ?? links.get('home')),
    description: one('summary'),
    source: sourceOf(source),
  }
}

/** The expression, else the name; the text itself is no name. Classifiers come last: many leave open which is meant. */
function licenseOf(headers: Headers): string | undefined {
  const expression = known(headers.get('license-expression')?.[0])
  if (expression !== undefined) return expression
  const name = known(headers.get('license')?.[0])
  if (name !== undefined && name.length <= MAX_LICENSE_NAME && !name.includes('\n')) return name
  const classified = (headers.get('classifier') ?? [])
    .filter((text) => text.startsWith('License ::'))
    .map((text) => text.slice(text.lastIndexOf('::') + 2).trim())
    .filter((text) => text !== 'OSI Approved' && text !== '')
  return classified.length === 0 ? undefined : classified.join(', ')
}

/** Newer metadata names people in the field for addresses: `Name <mail>, Name <mail>`. */
function person(name: string | undefined, address: string | undefined): Party | undefined {
  const [first] = address?.slice(0, MAX_ADDRESS_LENGTH).split(/,(?![^"]*"[^"]*$)/) ?? []
  const inAddress = partyOf(first?.replaceAll('"', ''))
  const isBare = first !== undefined && /^[^\s<>]+@[^\s<>]+$/.test(first.trim())
  if (name === undefined) return isBare ? undefined : inAddress
  return partyOf({ name, email: isBare ? first?.trim() : undefined })
}

/** Old tools wrote this word where nothing was said. */
function known(text: string | undefined): string | undefined {
  return text === undefined || text === '' || text === 'UNKNOWN' ? undefined : text
}
