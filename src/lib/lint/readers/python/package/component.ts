/** Components of Python packages. */
import type { Component, Hash, Occurrence } from '../../../bom/index.ts'
import { formatPurl } from '../../../purl/index.ts'
import { gitLocation, publicUrl, resolveInside, vcsUrl } from '../../lock/index.ts'
import { normalizeName } from './name.ts'

/** Where a lockfile says that a package comes from. */
export type PythonSource =
  | { readonly kind: 'registry'; readonly url?: string | undefined }
  | {
      readonly kind: 'git'
      readonly url: string
      readonly revision?: string | undefined
      readonly subdirectory?: string | undefined
    }
  | { readonly kind: 'url'; readonly url: string }
  /** Relative to the folder of the lockfile. */
  | { readonly kind: 'path'; readonly path: string; readonly isMember?: boolean }

export interface PythonPackage {
  readonly name: string
  readonly version: string | undefined
  readonly source: PythonSource
  readonly hashes?: readonly Hash[] | undefined
  readonly downloadUrl?: string | undefined
  readonly description?: string | undefined
}

/** The registry that package URLs do not name, by any of its addresses. */
const DEFAULT_HOSTS: ReadonlySet<string> = new Set(['pypi.org', 'pypi.python.org', 'files.pythonhosted.org'])

/**
 * @param folder of the lockfile
 * @throws AivError `E_MALFORMED` when the name makes no package URL
 */
export function pythonComponent(pack: PythonPackage, folder: string, place: Occurrence): Component {
  const { name, version, source, hashes, downloadUrl, description } = pack
  const base = {
    type: 'library',
    name,
    version,
    scope: 'required',
    hashes: hashes === undefined || hashes.length === 0 ? undefined : hashes,
    description: description?.replace(/\s+/g, ' ').trim(),
    occurrences: [place],
  } as const
  if (source.kind === 'path') {
    const { path } = resolveInside(folder, source.path.replace(/^file:(?:\/\/)?/, ''))
    return { ...base, ref: `path:${path}`, origin: source.isMember === true ? 'workspace' : 'path' }
  }
  const git = source.kind === 'git' ? gitLocation(source.url) : undefined
  const purl = formatPurl({
    type: 'pypi',
    name: normalizeName(name),
    version,
    qualifiers: qualifiersOf(source),
    subpath: source.kind === 'git' ? source.subdirectory : undefined,
  })
  return {
    ...base,
    ref: purl,
    purl,
    origin: source.kind,
    downloadUrl: source.kind === 'url' ? publicUrl(source.url) : downloadUrl,
    source:
      git === undefined || source.kind !== 'git' ? undefined : { url: git.url, revision: source.revision },
  }
}

function qualifiersOf(source: PythonSource): Record<string, string> | undefined {
  if (source.kind === 'git') {
    const git = gitLocation(source.url)
    return git === undefined ? undefined : { vcs_url: vcsUrl(git, source.revision) }
  }
  const url = source.kind === 'path' || source.url === undefined ? undefined : publicUrl(source.url)
  if (url === undefined) return undefined
  if (source.kind === 'url') return { download_url: url }
  return DEFAULT_HOSTS.has(new URL(url).hostname) ? undefined : { repository_url: url }
}
