/** One way for all readers to open a file: whatever is wrong with it becomes a problem, never an exception. */
import { AivError } from '../../../core/index.ts'
import type { Occurrence } from '../../bom/index.ts'
import type { ProjectBuilder } from '../builder.ts'
import { UnreadableText } from '../parse/text-position.ts'
import type { ProjectFiles, ReadProblem, ReadResult } from '../reader.ts'

/**
 * Reads a text file and hands it on.
 * @param read may throw {@link UnreadableText} and AivError; both become an `error` problem of this file
 */
export function readLockfile(
  path: string,
  files: ProjectFiles,
  read: (text: string) => ReadResult,
): ReadResult {
  return guardFile(path, () => {
    const text = files.text(path)
    if (text === undefined) throw new AivError('E_NOT_FOUND', 'it cannot be opened')
    return read(text)
  })
}

/** As {@link readLockfile}, for readers that open the file themselves. */
export function guardFile(path: string, read: () => ReadResult): ReadResult {
  try {
    return read()
  } catch (error) {
    return { projects: [], problems: [problemOf(path, error)] }
  }
}

/** @throws what is neither an {@link UnreadableText} nor an AivError: that is a mistake of ours */
export function problemOf(path: string, error: unknown): ReadProblem {
  if (error instanceof UnreadableText)
    return { severity: 'error', message: error.message, path, line: error.line, column: error.column }
  if (error instanceof AivError) return { severity: 'error', message: error.message, path }
  throw error
}

/** One project and what its builder complained about. */
export function oneProject(builder: ProjectBuilder): ReadResult {
  return { projects: [builder.build()], problems: builder.problems }
}

/**
 * Does the work for one entry of a lockfile. An entry that makes no component, such as one whose name is empty, is
 * left out with a warning; the others stay.
 * @throws AivError `E_TOO_LARGE`, which is about the whole file
 */
export function attempt<T>(builder: ProjectBuilder, place: Occurrence, work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (!(error instanceof AivError) || error.code !== 'E_MALFORMED') throw error
    builder.warn(`${error.message}; it is left out`, place)
    return undefined
  }
}
