/** Sorts lines of a delay log by their ids. */
import { AivError, readU32 } from '../../../core/index.ts'
import { LEAF_BYTES, LEAF_ID_BYTES } from './leaf.ts'

/** A key is the first 32 bits of the id and the line's place, both exact in a double: the engine's own sort takes those. */
const PLACES = 2 ** 20

/** A sorted copy. @param leaves at most 2^20 whole lines */
export function sortLeaves(leaves: Uint8Array): Uint8Array {
  const count = leaves.length / LEAF_BYTES
  if (!Number.isInteger(count) || count > PLACES)
    throw new AivError('E_INTERNAL', 'lines that cannot be sorted')
  const keys = new Float64Array(count)
  for (let i = 0; i < count; i++) keys[i] = readU32(leaves, i * LEAF_BYTES) * PLACES + i
  keys.sort()
  const places = Uint32Array.from(keys, (key) => key % PLACES)
  settleTies(leaves, places)
  const out = new Uint8Array(leaves.length)
  places.forEach((place, i) => {
    out.set(leaves.subarray(place * LEAF_BYTES, (place + 1) * LEAF_BYTES), i * LEAF_BYTES)
  })
  return out
}

/** Lines with the same 32 bits, of which there are few, are put in order by insertion. */
function settleTies(leaves: Uint8Array, places: Uint32Array): void {
  for (let i = 1; i < places.length; i++) {
    const place = places[i] as number
    let at = i
    for (; at > 0 && compareIds(leaves, places[at - 1] as number, place) > 0; at--)
      places[at] = places[at - 1] as number
    places[at] = place
  }
}

function compareIds(leaves: Uint8Array, a: number, b: number): number {
  for (let i = 0; i < LEAF_ID_BYTES; i++) {
    const d = (leaves[a * LEAF_BYTES + i] as number) - (leaves[b * LEAF_BYTES + i] as number)
    if (d !== 0) return d
  }
  return 0
}
