/** Components of Hex, the registry of Elixir and Erlang, and of the Git repositories beside it. */
import { AivError } from '../../../core/index.ts'
import type { Component, Hash, Occurrence } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'
import { gitLocation, vcsUrl } from '../lock/index.ts'

export interface HexPackage {
  readonly name: string
  readonly version: string | undefined
  /** `hexpm`, `hexpm:organization`, or the name of another repository, whose address no lockfile has. */
  readonly repository?: string | undefined
  /** SHA-256 of the archive. */
  readonly hash?: Hash | undefined
  readonly place: Occurrence
}

/** @throws AivError `E_MALFORMED` */
export function hexComponent({ name, version, repository, hash, place }: HexPackage): Component {
  const [host = 'hexpm', organization] = (repository ?? 'hexpm').split(':')
  const purl = formatPurl({ type: 'hex', namespace: organization, name, version })
  return {
    ref: purl,
    type: 'library',
    name: organization === undefined ? name : `${organization}/${name}`,
    version,
    purl,
    origin: 'registry',
    scope: 'required',
    hashes: hash === undefined ? undefined : [hash],
    occurrences: [place],
    properties: host === 'hexpm' ? undefined : { 'aiv:hex:repository': host },
  }
}

export interface HexGitPackage {
  readonly name: string
  /** As written; a local path makes a component without a package URL. */
  readonly url: string
  readonly revision: string | undefined
  /** Folder of the package in the repository. */
  readonly subfolder?: string | undefined
  readonly place: Occurrence
}

/**
 * The version of a package from Git is its commit, for nothing else in a lockfile names it.
 * @throws AivError `E_MALFORMED`
 */
export function hexGitComponent({ name, url, revision, subfolder, place }: HexGitPackage): Component {
  if (name === '') throw new AivError('E_MALFORMED', 'an entry has no name')
  const location = gitLocation(url)
  const purl =
    location === undefined
      ? undefined
      : formatPurl({
          type: 'hex',
          name,
          version: revision,
          qualifiers: { vcs_url: vcsUrl(location, revision) },
          subpath: subfolder,
        })
  return {
    ref: purl ?? `hex-git:${name}@${revision ?? ''}`,
    type: 'library',
    name,
    version: revision,
    purl,
    origin: 'git',
    scope: 'required',
    source: location === undefined ? undefined : { url: location.url, revision },
    occurrences: [place],
  }
}

/** A folder of the same machine. */
export function localComponent(name: string, folder: string, place: Occurrence): Component {
  return {
    ref: `path:${folder}`,
    type: 'library',
    name,
    origin: 'path',
    scope: 'required',
    occurrences: [place],
  }
}

export function unknownForm(app: string): AivError {
  return new AivError('E_MALFORMED', `the entry of ${JSON.stringify(app.slice(0, 200))} has no known form`)
}
