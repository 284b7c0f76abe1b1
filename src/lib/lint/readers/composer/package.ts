/** One entry of `packages` in a `composer.lock` (getcomposer.org, "The composer.json schema"). */
import { AivError } from '../../../core/index.ts'
import type { Component, Party, Scope } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'
import { folderOf, gitLocation, hexHash, publicUrl, resolveInside, vcsUrl } from '../lock/index.ts'
import { array, field, string, strings, type Table, tables } from '../parse/index.ts'

/** Where Packagist wants to hear of an installation: the mark of a package that came from there. */
const PACKAGIST = /^https:\/\/packagist\.org\//

export interface ComposerComponent {
  readonly component: Component
  /** It is a folder beside or above the scanned one. */
  readonly outside: boolean
}

/** @throws AivError `E_MALFORMED` for an entry without a name of the form `vendor/name` */
export function composerComponent(entry: Table, path: string, scope: Scope): ComposerComponent {
  const name = string(field(entry, 'name'))
  if (name === undefined) throw new AivError('E_MALFORMED', 'a package has no name')
  const version = string(field(entry, 'version'))
  const dist = field(entry, 'dist')
  const distUrl = string(field(dist, 'url'))
  const declared = declaredLicense(field(entry, 'license'))
  const [author] = tables(field(entry, 'authors'))
  const shared = {
    type: 'library',
    name,
    version,
    scope,
    homepage: publicUrl(string(field(entry, 'homepage')) ?? ''),
    description: string(field(entry, 'description')),
    author: personOf(author),
    licenses: declared === undefined ? undefined : { declared },
    occurrences: [{ path }],
  } as const
  if (field(dist, 'type') === 'path' && distUrl !== undefined) {
    const { path: folder, outside } = resolveInside(folderOf(path), distUrl)
    return { component: { ...shared, ref: `path:${folder}`, origin: 'path' }, outside }
  }
  const sha1 = hexHash('sha1', string(field(dist, 'shasum')) ?? '')
  const { purl, fromGit } = composerPurl(entry, name, version)
  return {
    component: {
      ...shared,
      ref: purl,
      purl,
      origin: fromGit ? 'git' : 'registry',
      hashes: sha1 === undefined ? undefined : [sha1],
      downloadUrl: publicUrl(distUrl ?? ''),
      source: sourceOf(entry),
    },
    outside: false,
  }
}

function composerPurl(
  entry: Table,
  fullName: string,
  version: string | undefined,
): { readonly purl: string; readonly fromGit: boolean } {
  const [namespace = '', name = '', ...rest] = fullName.split('/')
  if (namespace === '' || name === '' || rest.length > 0)
    throw new AivError('E_MALFORMED', `${JSON.stringify(fullName)} is no name of a Composer package`)
  const source = field(entry, 'source')
  const git = field(source, 'type') === 'git' ? gitLocation(string(field(source, 'url')) ?? '') : undefined
  const notified = publicUrl(string(field(entry, 'notification-url')) ?? '')
  // Packages of a repository say whom to notify; those that the project takes from version control do not.
  const fromGit = notified === undefined && git !== undefined
  const qualifiers: Record<string, string> = {}
  if (fromGit) qualifiers.vcs_url = vcsUrl(git, string(field(source, 'reference')))
  else if (notified !== undefined && !PACKAGIST.test(notified))
    qualifiers.repository_url = notified.replace(/\/downloads\/?$/, '')
  return { purl: formatPurl({ type: 'composer', namespace, name, version, qualifiers }), fromGit }
}

function sourceOf(entry: Table): Component['source'] {
  const source = field(entry, 'source')
  const url = gitLocation(string(field(source, 'url')) ?? '')?.url
  return url === undefined ? undefined : { url, revision: string(field(source, 'reference')) }
}

/** Several licenses mean that one may be chosen; each may itself be an expression. */
export function declaredLicense(license: unknown): string | undefined {
  if (typeof license === 'string') return string(license)
  const names = strings(array(license))
  if (names.length < 2) return names[0]
  return names
    .map((name) => (/ (?:and|or) /i.test(name) && !name.startsWith('(') ? `(${name})` : name))
    .join(' OR ')
}

export function personOf(author: Table | undefined): Party | undefined {
  const name = string(field(author, 'name'))
  return name === undefined
    ? undefined
    : {
        kind: 'person',
        name,
        email: string(field(author, 'email')),
        url: publicUrl(string(field(author, 'homepage')) ?? ''),
      }
}
