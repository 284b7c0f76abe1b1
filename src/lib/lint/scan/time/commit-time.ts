/** When the work was committed that a folder holds: a time that every clone and every machine agrees on. */
import { findObject } from './git/objects.ts'
import { findRepository, headCommit } from './git/repository.ts'

/** Of the header lines of a commit; those of a signature go on with a space. */
const COMMITTER = /^committer [^\n]*> (\d{1,15}) [+-]\d{4}$/m

/**
 * The committer's time of HEAD, as `git log -1 --format=%ct` prints it. Nothing is run: the repository is read.
 * @param folder anywhere in a work tree
 * @returns seconds since the epoch; undefined without a repository or a commit, or when it cannot be read
 */
export function commitTime(folder: string): number | undefined {
  const repository = findRepository(folder)
  const head = repository && headCommit(repository)
  if (repository === undefined || head === undefined) return undefined
  const commit = findObject(repository.objects, head)
  if (commit?.type !== 'commit') return undefined
  const [header] = new TextDecoder().decode(commit.content).split('\n\n', 1)
  const seconds = COMMITTER.exec(header as string)?.[1]
  return seconds === undefined ? undefined : Number(seconds)
}
