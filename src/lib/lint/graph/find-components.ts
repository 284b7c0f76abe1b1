/** Finds components by what a user calls them. */
import { isAivError } from '../../core/index.ts'
import type { Bom, Component } from '../bom/index.ts'
import { type Purl, parsePurl } from '../purl/index.ts'

/**
 * Those that the words name, in the order of the inventory: a package URL with or without a version, a name, or
 * `name@version`. What the words leave open, such as qualifiers, may be anything.
 */
export function findComponents({ components }: Bom, words: string): readonly Component[] {
  const exact = components.filter(({ ref, purl }) => ref === words || purl === words)
  if (exact.length > 0) return exact
  const wanted = words.startsWith('pkg:') ? purlOf(words) : undefined
  if (wanted !== undefined)
    return components.filter(({ purl }) => purl !== undefined && matches(wanted, purlOf(purl)))
  // The first at sign of @scope/name belongs to the name.
  const at = words.lastIndexOf('@')
  const [name, version] = at > 0 ? [words.slice(0, at), words.slice(at + 1)] : [words, undefined]
  return components.filter(
    (component) =>
      component.name === words ||
      (component.name === name && (version === undefined || component.version === version)),
  )
}

function matches(wanted: Purl, found: Purl | undefined): boolean {
  if (found === undefined) return false
  return (
    wanted.type === found.type &&
    wanted.namespace === found.namespace &&
    wanted.name === found.name &&
    (wanted.version === undefined || wanted.version === found.version) &&
    (wanted.subpath === undefined || wanted.subpath === found.subpath) &&
    Object.entries(wanted.qualifiers ?? {}).every(([key, value]) => found.qualifiers?.[key] === value)
  )
}

/** Documents of other tools have package URLs that are none: those match nothing. */
function purlOf(text: string): Purl | undefined {
  try {
    return parsePurl(text)
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED')) return undefined
    throw error
  }
}
