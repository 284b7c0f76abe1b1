/** Components of crates. */
import type { Component } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'
import { gitLocation, hexHash, publicUrl, vcsUrl } from '../lock/index.ts'
import type { LockedCrate } from './lock.ts'

/** Both protocols of the default registry, which package URLs do not name. */
const DEFAULT_REGISTRIES: ReadonlySet<string> = new Set([
  'registry+https://github.com/rust-lang/crates.io-index',
  'sparse+https://index.crates.io/',
])

/** From the `dl` of the default registry's `config.json`. */
const DEFAULT_DOWNLOADS = 'https://static.crates.io/crates'

/**
 * A crate that comes from elsewhere.
 * @param source its source in the lock
 */
export function foreignCrate(crate: LockedCrate, source: string, path: string): Component {
  const { name, version, checksum, line } = crate
  const isGit = source.startsWith('git+')
  const [address = '', commit] = source.split('#')
  const git = isGit ? gitLocation(address.replace(/\?.*$/, '')) : undefined
  const hash = checksum === undefined ? undefined : hexHash('sha256', checksum)
  const purl = formatPurl({
    type: 'cargo',
    name,
    version,
    qualifiers: git === undefined ? registryQualifiers(source) : { vcs_url: vcsUrl(git, commit) },
  })
  return {
    ref: purl,
    type: 'library',
    name,
    version,
    purl,
    origin: isGit ? 'git' : 'registry',
    scope: 'required',
    hashes: hash === undefined ? undefined : [hash],
    downloadUrl: DEFAULT_REGISTRIES.has(source) ? defaultDownload(name, version) : undefined,
    source: git === undefined ? undefined : { url: git.url, revision: commit },
    occurrences: [{ path, line }],
  }
}

function registryQualifiers(source: string): Record<string, string> | undefined {
  const url = DEFAULT_REGISTRIES.has(source)
    ? undefined
    : publicUrl(source.replace(/^(?:registry|sparse)\+/, ''))
  return url === undefined ? undefined : { repository_url: url }
}

function defaultDownload(name: string, version: string): string {
  return `${DEFAULT_DOWNLOADS}/${encodeURIComponent(name.toWellFormed())}/${encodeURIComponent(version.toWellFormed())}/download`
}
