/** "Did you mean": the word that a slip was probably meant to be. */

/** More edits than this are a different word, not a slip. */
const MAX_EDITS = 4

/** The candidate with the fewest edits from `typed`, if they are few for its length. */
export function nearestWord(typed: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined
  let bestDistance = MAX_EDITS + 1
  for (const candidate of candidates) {
    const distance = editDistance(typed, candidate)
    if (distance < bestDistance && distance < candidate.length / 2) {
      best = candidate
      bestDistance = distance
    }
  }
  return best
}

/** Levenshtein distance: insertions, deletions and replacements of one character. */
function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const next = [i]
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1)
      next.push(Math.min(replaced, (row[j] as number) + 1, (next[j - 1] as number) + 1))
    }
    row = next
  }
  return row[b.length] as number
}
