/** Which files of a project are read, and by which reader. */
import { READERS, type ReaderEntry } from '../readers/index.ts'

export interface ChosenFile {
  readonly path: string
  readonly entry: ReaderEntry
}

/**
 * @param paths relative with `/`
 * @param ecosystems ids of readers; undefined for all
 * @returns in the order of the paths; a file that another one of its folder stands in for is left out
 */
export function chooseReaders(
  paths: readonly string[],
  ecosystems?: ReadonlySet<string>,
  readers: readonly ReaderEntry[] = READERS,
): readonly ChosenFile[] {
  const claimed = paths.flatMap((path) =>
    readers
      .filter((entry) => (ecosystems === undefined || ecosystems.has(entry.id)) && entry.claims(path))
      .map((entry) => ({ path, entry })),
  )
  const replaced = new Set(
    claimed.flatMap(({ path, entry }) =>
      (entry.replaces ?? []).map((name) => `${folderOf(path)}${name}`).filter((other) => other !== path),
    ),
  )
  return claimed.filter(({ path }) => !replaced.has(path))
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}
