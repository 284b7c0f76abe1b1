/** Components of Go modules. */
import type { Component, Scope, SourceCode } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'
import { nameOf } from '../lock/index.ts'
import { commitOf } from './module-version.ts'

/** Where the first three parts of a module path are the address of its repository. */
const REPOSITORY_HOSTS: ReadonlySet<string> = new Set([
  'github.com',
  'gitlab.com',
  'bitbucket.org',
  'codeberg.org',
])

export interface GoModule {
  readonly path: string
  readonly version: string
  readonly scope: Scope
  /** `h1:…` of go.sum. */
  readonly sum: string | undefined
  /** `PATH@VERSION` that it stands in for. */
  readonly replaces: string | undefined
  /** No package of the project imports it, only another module does. */
  readonly isIndirect?: boolean
  readonly file: string
  readonly line: number | undefined
}

/** @throws AivError `E_MALFORMED` when its path makes no package URL */
export function goComponent(module: GoModule): Component {
  const { path, version, scope, sum, replaces, isIndirect, file, line } = module
  const slash = path.lastIndexOf('/')
  const purl = formatPurl({
    type: 'golang',
    namespace: slash === -1 ? undefined : path.slice(0, slash),
    name: nameOf(path),
    version,
  })
  const properties = {
    ...(sum === undefined ? {} : { 'aiv:go:h1': sum }),
    ...(replaces === undefined ? {} : { 'aiv:go:replaces': replaces }),
    ...(isIndirect === true ? { 'aiv:go:indirect': 'true' } : {}),
  }
  return {
    ref: purl,
    type: 'library',
    name: path,
    version,
    purl,
    origin: 'registry',
    scope,
    source: sourceOf(path, version),
    occurrences: [{ path: file, line }],
    properties: Object.keys(properties).length === 0 ? undefined : properties,
  }
}

/**
 * The standard library is part of every program. Its version is that of the toolchain.
 * @param version `go1.23.6`, `go1.23.6-custom` or `1.23.6`
 * @returns undefined when the version is that of the language only, such as `1.17`
 */
export function standardLibrary(version: string | undefined, file: string): Component | undefined {
  const [, release] = /^(?:go)?(\d{1,4}\.\d{1,4}\.\d{1,4})(?:-.*)?$/.exec(version ?? '') ?? []
  if (release === undefined) return undefined
  const purl = formatPurl({ type: 'golang', name: 'stdlib', version: release })
  return {
    ref: purl,
    type: 'library',
    name: 'stdlib',
    version: release,
    purl,
    origin: 'registry',
    scope: 'required',
    occurrences: [{ path: file }],
  }
}

function sourceOf(path: string, version: string): SourceCode | undefined {
  const [host = '', owner, name] = path.split('/')
  if (!REPOSITORY_HOSTS.has(host) || owner === undefined || name === undefined) return undefined
  // Half of a surrogate pair has no encoding in a URI.
  if (!path.isWellFormed()) return undefined
  return {
    url: `https://${host}/${encodeURIComponent(owner.toWellFormed())}/${encodeURIComponent(name.toWellFormed())}`,
    revision: commitOf(version),
  }
}
