/**
 * Lists of trust anchors. They belong to the root store of a browser, which is updated without it, and so stand apart
 * from the templates.
 */
import { AivError, equal, fromHex } from '../../../core/index.ts'
import lists from './trust-anchors.json' with { type: 'json' }

const LISTS: ReadonlyMap<string, readonly Uint8Array[]> = new Map(
  Object.entries(lists.lists).map(([name, { ids }]) => [name, ids.map(fromHex)]),
)

/**
 * Relative object identifiers in DER, sorted.
 * @throws AivError `E_MALFORMED` when there is no list of that name
 */
export function trustAnchorList(name: string): readonly Uint8Array[] {
  const list = LISTS.get(name)
  if (list === undefined)
    throw new AivError('E_MALFORMED', `there is no list of trust anchors ${JSON.stringify(name)}`)
  return list
}

/** The list with exactly these, in whatever order. */
export function trustAnchorListName(ids: readonly Uint8Array[]): string | undefined {
  for (const [name, list] of LISTS)
    if (list.length === ids.length && list.every((id) => ids.some((each) => equal(each, id)))) return name
  return undefined
}
