/** References of Conan, the package manager of C and C++: `name/version@user/channel#revision`. */
import { AivError } from '../../../core/index.ts'
import type { Component, Scope } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'

export interface ConanReference {
  readonly name: string
  readonly version: string
  readonly user?: string | undefined
  readonly channel?: string | undefined
  /** Revision of the recipe. */
  readonly revision?: string | undefined
}

const PART = '[^\\s/@#:%]{1,200}'
const REFERENCE = new RegExp(
  `^(${PART})/(${PART})(?:@(?:(${PART})(?:/(${PART}))?)?)?(?:#(${PART}))?(?:[%:].*)?$`,
)

/**
 * @param text may end in a time stamp (`%…`) or a package id (`:…`), which are not part of the reference
 * @throws AivError `E_MALFORMED`
 */
export function parseConanReference(text: string): ConanReference {
  const [, name, version, user, channel, revision] = text.length > 2000 ? [] : (REFERENCE.exec(text) ?? [])
  if (name === undefined || version === undefined)
    throw new AivError('E_MALFORMED', `${JSON.stringify(text.slice(0, 200))} is no reference of Conan`)
  // Conan writes an underscore where a reference has no user or channel; revision 0 means that revisions are off.
  return {
    name,
    version,
    user: user === '_' ? undefined : user,
    channel: channel === '_' ? undefined : channel,
    revision: revision === '0' ? undefined : revision,
  }
}

/** @throws AivError `E_MALFORMED` */
export function conanComponent(text: string, scope: Scope, path: string): Component {
  const { name, version, user, channel, revision } = parseConanReference(text)
  const qualifiers: Record<string, string> = {}
  if (user !== undefined) qualifiers.user = user
  if (channel !== undefined) qualifiers.channel = channel
  if (revision !== undefined) qualifiers.rrev = revision
  const purl = formatPurl({ type: 'conan', name, version, qualifiers })
  return {
    ref: purl,
    type: 'library',
    name,
    version,
    purl,
    origin: 'registry',
    scope,
    occurrences: [{ path }],
  }
}
