/** Names of components inside documents whose identifiers take few characters. */
import { toHex, utf8 } from '../../../core/index.ts'
import { sha256 } from '../../../crypto/digest.ts'
import type { Component } from '../../bom/index.ts'

/**
 * Letters, digits, `.` and `-` only; readable, and told apart by a hash: `a-b`, `a_b` and `ab` would else become one.
 * @returns by {@link Component.ref}, in the order of the components
 */
export function elementIds(components: readonly Component[]): ReadonlyMap<string, string> {
  const ids = new Map<string, string>()
  const taken = new Set<string>()
  for (const { ref } of components) {
    const digest = toHex(sha256(utf8(ref)))
    const words = slug(ref.replace(/^pkg:/, '').replaceAll('%40', ''))
    const short = `${words}-${digest.slice(0, 12)}`
    const id = taken.has(short) ? `${words}-${digest}` : short
    taken.add(id)
    ids.set(ref, id)
  }
  return ids
}

/** The text with everything but letters, digits and `.` as `-`, at most 80 characters. */
export function slug(text: string): string {
  return text
    .slice(0, 500)
    .replace(/[^A-Za-z0-9.]+/g, '-')
    .replace(/^-|-$/g, '')
    .slice(0, 80)
}

/** Refs of the components that their package URL alone tells apart, and that are called by it. */
export function namedByPurl(components: readonly Component[]): ReadonlySet<string> {
  const counts = new Map<string, number>()
  for (const { purl } of components) if (purl !== undefined) counts.set(purl, (counts.get(purl) ?? 0) + 1)
  return new Set(components.flatMap(({ ref, purl }) => (ref === purl && counts.get(purl) === 1 ? [ref] : [])))
}
