/** Which files of a project are read, and by which reader. */
import { AivError } from '../../../core/index.ts'
import { READERS, type ReaderEntry } from '../../readers/index.ts'

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

/**
 * @throws AivError `E_USAGE` for a word that is no id: a misspelt one would pass for a project without packages
 */
export function readerIds(words: readonly string[]): ReadonlySet<string> {
  const ids = new Set(READERS.map(({ id }) => id))
  for (const word of words)
    if (!ids.has(word))
      throw new AivError('E_USAGE', `there is no ecosystem ${word}`, {
        hint: 'aiv lint sbom --list-files names them',
      })
  return new Set(words)
}

function folderOf(path: string): string {
  return path.slice(0, path.lastIndexOf('/') + 1)
}
