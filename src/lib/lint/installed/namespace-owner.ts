/**
 * Who owns the namespace that a package is published in. Registries and code hosts let nobody else publish there, so
 * that the owner supplies the package even where no manifest is at hand.
 */
import type { Component, Party } from '../bom/index.ts'

/** Package URLs whose path is that of a repository at a host that has owners. */
const HOSTED =
  /^pkg:(?:github|(?:golang|swift)\/(?:github\.com|gitlab\.com|bitbucket\.org|codeberg\.org))\/([^/@?#]{1,200})\/[^/]/

/** By the type of a package URL, what of the name a registry gives to one owner. */
const REGISTERED: ReadonlyMap<string, RegExp> = new Map([
  ['npm', /^@([^/]{1,200})\//],
  ['composer', /^([^/]{1,200})\//],
  ['maven', /^([^:/]{1,200}):/],
])

/** @returns undefined where anybody may publish under such a name, and for what is not published */
export function namespaceOwner({
  purl = '',
  name,
  origin,
}: Pick<Component, 'purl' | 'name' | 'origin'>): Party | undefined {
  if (origin !== 'registry' && origin !== 'git') return undefined
  const [, hosted] = HOSTED.exec(purl) ?? []
  const [, type = ''] = /^pkg:([a-z0-9.+-]+)\//.exec(purl) ?? []
  const [, registered] = (origin === 'registry' ? REGISTERED.get(type)?.exec(name) : null) ?? []
  const owner = hosted ?? registered
  return owner === undefined || !/^\w[\w.~-]*$/.test(owner)
    ? undefined
    : { kind: 'organization', name: owner }
}
