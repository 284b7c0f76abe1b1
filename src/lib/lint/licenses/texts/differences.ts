/** Where two lists of words differ: the shortest edit script (Myers, "An O(ND) Difference Algorithm", 1986). */

/** A place where words of one list stand instead of words of the other. */
export interface Difference {
  /** Words of the first list that the second lacks; one of the two may be empty. */
  readonly missing: readonly string[]
  /** Words of the second list that the first lacks. */
  readonly added: readonly string[]
  /** Words of the first list before this place. */
  readonly at: number
}

/**
 * @param maxEdits words that may be missing or added in all; bounds time and memory by its square
 * @returns the places in order; undefined when there are more edits
 */
export function differences(
  from: readonly string[],
  to: readonly string[],
  maxEdits: number,
): readonly Difference[] | undefined {
  const rounds = shortestPath(from, to, maxEdits)
  return rounds === undefined ? undefined : collect(from, to, rounds)
}

/** Furthest reach on each diagonal before each round, so that the path can be walked back. */
function shortestPath(
  from: readonly string[],
  to: readonly string[],
  maxEdits: number,
): readonly Int32Array[] | undefined {
  const size = maxEdits + 1
  const reach = new Int32Array(2 * size + 1)
  const rounds: Int32Array[] = []
  for (let edits = 0; edits <= maxEdits; edits += 1) {
    rounds.push(reach.slice(size - edits - 1, size + edits + 2))
    for (let diagonal = -edits; diagonal <= edits; diagonal += 2) {
      const right = reach[size + diagonal - 1] ?? 0
      const down = reach[size + diagonal + 1] ?? 0
      let x = diagonal === -edits || (diagonal !== edits && right < down) ? down : right + 1
      let y = x - diagonal
      while (x < from.length && y < to.length && from[x] === to[y]) {
        x += 1
        y += 1
      }
      reach[size + diagonal] = x
      if (x >= from.length && y >= to.length) return rounds
    }
  }
  return undefined
}

function collect(
  from: readonly string[],
  to: readonly string[],
  rounds: readonly Int32Array[],
): readonly Difference[] {
  const found: { missing: string[]; added: string[]; x: number; y: number }[] = []
  let x = from.length
  let y = to.length
  for (let edits = rounds.length - 1; edits > 0; edits -= 1) {
    const reach = rounds[edits] ?? new Int32Array()
    const at = (diagonal: number): number => reach[diagonal + edits + 1] ?? 0
    const diagonal = x - y
    const isDown = diagonal === -edits || (diagonal !== edits && at(diagonal - 1) < at(diagonal + 1))
    const previous = isDown ? diagonal + 1 : diagonal - 1
    const beforeX = at(previous)
    const beforeY = beforeX - previous
    const editX = isDown ? beforeX : beforeX + 1
    const last = found.at(-1)
    // No common word between this edit and the one after it: both are one place.
    const joins = last !== undefined && editX === last.x && editX - diagonal === last.y
    const place = joins ? last : { missing: [], added: [], x: 0, y: 0 }
    if (!joins) found.push(place)
    if (isDown) place.added.unshift(to[beforeY] ?? '')
    else place.missing.unshift(from[beforeX] ?? '')
    place.x = beforeX
    place.y = beforeY
    x = beforeX
    y = beforeY
  }
  return found.reverse().map(({ missing, added, x: at }) => ({ missing, added, at }))
}
