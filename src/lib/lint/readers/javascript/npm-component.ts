/** Components of the npm ecosystem, the same from every lockfile. */
import { AivError } from '../../../core/index.ts'
import type { Component, Hash, Origin, Scope } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'
import { type ArchiveUrl, parseArchiveUrl } from './archive-url.ts'
import { type GitSource, parseGitSource } from './git-source.ts'

export interface NpmPackage {
  /** `@scope/name` in full. */
  readonly name: string
  readonly version?: string | undefined
  /** Where it comes from, as the lockfile writes it: an address, a place in version control, or nothing. */
  readonly resolved?: string | undefined
  /** Address of the registry, where the lockfile names one that is not the default and no archive. */
  readonly registry?: string | undefined
  readonly hashes: readonly Hash[]
  readonly scope: Scope
  /** As the manifest writes it. */
  readonly license?: string | undefined
  /** It lies inside the archive of the package that needs it. */
  readonly bundled?: boolean | undefined
  /** Name under which it is installed, where that is another. */
  readonly alias?: string | undefined
  /** Of the lockfile. */
  readonly path: string
  readonly line?: number | undefined
  readonly properties?: Readonly<Record<string, string>> | undefined
}

/**
 * @returns a component whose `ref` is its package URL; without one if name and version make none
 * @throws AivError `E_MALFORMED` without a name
 */
export function npmComponent(found: NpmPackage): Component {
  // A scope alone is no name either.
  if (found.name === '' || /^@(?![^/]+\/[^/])/.test(found.name))
    throw new AivError('E_MALFORMED', `a package is called ${JSON.stringify(found.name.slice(0, 200))}`)
  const { hashes, scope, license, bundled, path, line } = found
  const { origin, qualifiers, downloadUrl, source, archive } = placeOf(found)
  // What is installed is what the registry's archive holds, whatever the lockfile calls it.
  const name = archive?.name ?? found.name
  const version = found.version ?? archive?.version
  const alias = found.alias ?? found.name
  const purl = npmPurl(name, version, qualifiers)
  const properties = {
    ...found.properties,
    ...(alias === name ? {} : { 'aiv:npm:alias': alias }),
  }
  return {
    ref: purl ?? `npm:${name}@${version ?? ''}`,
    type: 'library',
    name,
    version,
    purl,
    origin: bundled === true && found.resolved === undefined ? 'bundled' : origin,
    scope,
    hashes: hashes.length === 0 ? undefined : hashes,
    downloadUrl,
    source: source === undefined ? undefined : { url: source.url, revision: source.revision },
    licenses: license === undefined ? undefined : { declared: license },
    occurrences: [line === undefined ? { path } : { path, line }],
    properties: Object.keys(properties).length === 0 ? undefined : properties,
  }
}

/** @returns undefined where the parts make no package URL */
export function npmPurl(
  name: string,
  version: string | undefined,
  qualifiers?: Readonly<Record<string, string>>,
): string | undefined {
  const slash = name.startsWith('@') ? name.indexOf('/') : -1
  const namespace = slash === -1 ? undefined : name.slice(0, slash)
  try {
    return formatPurl({ type: 'npm', namespace, name: name.slice(slash + 1), version, qualifiers })
  } catch {
    return undefined
  }
}

interface Place {
  readonly origin: Origin
  readonly qualifiers?: Readonly<Record<string, string>>
  readonly downloadUrl?: string
  readonly source?: GitSource
  readonly archive?: ArchiveUrl
}

function placeOf({ resolved, registry: host }: NpmPackage): Place {
  if (resolved === undefined)
    return host === undefined
      ? { origin: 'registry' }
      : { origin: 'registry', qualifiers: { repository_url: host } }
  const source = parseGitSource(resolved)
  if (source !== undefined) return { origin: 'git', qualifiers: { vcs_url: source.vcsUrl }, source }
  const archive = parseArchiveUrl(resolved)
  if (archive === undefined) return { origin: 'registry' }
  const { url, name, registry } = archive
  if (name === undefined) return { origin: 'url', qualifiers: { download_url: url }, downloadUrl: url }
  return registry === undefined
    ? { origin: 'registry', downloadUrl: url, archive }
    : { origin: 'registry', qualifiers: { repository_url: registry }, downloadUrl: url, archive }
}
