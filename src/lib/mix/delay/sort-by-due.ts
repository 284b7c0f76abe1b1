/** Merge sort of a linked list in place: no memory, and n log n also for the list that an attacker filled. */

const NONE = -1

/**
 * Sorts the list that begins at `head` by time, earliest first.
 * @param next index of the following entry, -1 at the end; rewritten
 * @param due time of each entry
 * @returns the new head
 */
export function sortByDue(head: number, next: Int32Array, due: Float64Array): number {
  if (head === NONE || next[head] === NONE) return head
  for (let width = 1; ; width *= 2) {
    let merges = 0
    let rest = head
    let last = NONE
    head = NONE
    while (rest !== NONE) {
      merges++
      let left = rest
      let leftSize = 0
      let right = rest
      while (leftSize < width && right !== NONE) {
        leftSize++
        right = next[right] as number
      }
      let rightSize = width
      while (leftSize > 0 || (rightSize > 0 && right !== NONE)) {
        let entry: number
        const takesLeft =
          leftSize > 0 &&
          (rightSize === 0 || right === NONE || (due[left] as number) <= (due[right] as number))
        if (takesLeft) {
          entry = left
          left = next[left] as number
          leftSize--
        } else {
          entry = right
          right = next[right] as number
          rightSize--
        }
        if (last === NONE) head = entry
        else next[last] = entry
        last = entry
      }
      rest = right
    }
    next[last] = NONE
    if (merges === 1) return head
  }
}
