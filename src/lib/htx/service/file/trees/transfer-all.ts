/** Runs many transfers, some at a time. */

/** What became of one item. */
export type Outcome<T, R> =
  | { readonly item: T; readonly ok: true; readonly result: R }
  | { readonly item: T; readonly ok: false; readonly error: unknown }

/**
 * Runs `run` for every item, at most `parallel` at once, in order. A failure ends its own item only.
 * @param parallel at least 1; one stream each, so no more than the peer's stream limit
 * @returns one outcome per item, in the order of the items; never rejects
 */
export async function transferAll<T, R>(
  items: readonly T[],
  parallel: number,
  run: (item: T, index: number) => Promise<R>,
): Promise<Outcome<T, R>[]> {
  const outcomes: Outcome<T, R>[] = []
  let next = 0
  const worker = async (): Promise<void> => {
    while (next < items.length) {
      const index = next++
      const item = items[index] as T
      try {
        outcomes[index] = { item, ok: true, result: await run(item, index) }
      } catch (error) {
        outcomes[index] = { item, ok: false, error }
      }
    }
  }
  await Promise.all(Array.from({ length: Math.min(Math.max(1, parallel), items.length) }, worker))
  return outcomes
}
