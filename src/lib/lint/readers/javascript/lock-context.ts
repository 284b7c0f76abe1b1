/** What the readers of one JavaScript lockfile hand around. */
import { AivError } from '../../../core/index.ts'
import { folderOf, readLockfile } from '../lock/index.ts'
import type { ProjectFiles, ReadProblem, ReadProject, ReadResult } from '../reader.ts'
import type { Manifest } from './manifest.ts'

/** The file that is read and what lies around it. */
export interface LockContext {
  /** Of the lockfile. */
  readonly path: string
  /** Its folder; `.` at the top. */
  readonly folder: string
  readonly files: ProjectFiles
  /** Problems besides those of the projects' own builders. */
  readonly problems: ReadProblem[]
  /** Those that were read, by folder. */
  readonly manifests: Map<string, Manifest | undefined>
}

/**
 * @param parse throws `UnreadableText`
 * @param use throws AivError for a lockfile that cannot be used
 */
export function readLock<T>(
  path: string,
  files: ProjectFiles,
  parse: (text: string) => T,
  use: (value: T, context: LockContext) => readonly ReadProject[],
): ReadResult {
  const problems: ReadProblem[] = []
  const result = readLockfile(path, files, (text) => ({
    projects: use(parse(text), { path, folder: folderOf(path), files, problems, manifests: new Map() }),
    problems: [],
  }))
  return { projects: result.projects, problems: [...problems, ...result.problems] }
}

/** A lockfile that is read as far as its text, but whose content cannot be used. */
export function unusable(message: string): AivError {
  return new AivError('E_UNSUPPORTED', message)
}
