/** How often each word stands in a text, as numbers, so that hundreds of texts are compared in a moment. */

export interface WordCounts {
  /** Numbers of the different words. */
  readonly ids: Int32Array
  /** How often each of them stands in the text. */
  readonly counts: Int32Array
}

/** Words of the listed texts alone: others are in no text that they could be compared with. */
const vocabulary = new Map<string, number>()

/** @param words of a listed text */
export function countListed(words: readonly string[]): WordCounts {
  const counts = new Map<number, number>()
  for (const word of words) {
    const id = vocabulary.get(word) ?? vocabulary.size
    if (id === vocabulary.size) vocabulary.set(word, id)
    counts.set(id, (counts.get(id) ?? 0) + 1)
  }
  return { ids: Int32Array.from(counts.keys()), counts: Int32Array.from(counts.values()) }
}

/**
 * @param words of any text
 * @returns by number of the word; it knows the texts that were counted before
 */
export function countGiven(words: readonly string[]): Int32Array {
  const counts = new Int32Array(vocabulary.size)
  for (const word of words) {
    const id = vocabulary.get(word)
    if (id !== undefined) counts[id] = (counts[id] ?? 0) + 1
  }
  return counts
}

/** Words that both texts have, in any order. */
export function commonWords({ ids, counts }: WordCounts, given: Int32Array): number {
  let common = 0
  for (let i = 0; i < ids.length; i += 1) common += Math.min(counts[i] ?? 0, given[ids[i] ?? 0] ?? 0)
  return common
}
