/** Gives a running node its directory, and the next one when the file changes. */
import { stat } from 'node:fs/promises'
import { isAivError, systemClock } from '../../../core/index.ts'
import type { RunningNode } from '../../../mix/run/index.ts'
import type { Fields } from '../../output.ts'
import { readDirectory } from './files.ts'
import { judgeDirectory, type TrustFlags } from './trust.ts'

const LOOK_MS = 1_000

/**
 * Looks once a second. A directory that may not be used is reported, and the one before stays.
 * @returns ends it
 */
export function watchDirectory(
  path: string,
  trust: TrustFlags,
  node: Pick<RunningNode, 'setDirectory'>,
  event: (name: string, fields: Fields) => void,
): () => void {
  let seen = ''
  let isOver = false
  let cancel = (): void => {}
  const look = async (): Promise<void> => {
    const version = await versionOf(path)
    if (version === seen || version === '') return
    seen = version
    const directory = await readDirectory(path)
    const { problems, signers } = judgeDirectory(directory, trust)
    if (problems.length > 0) {
      event('directory-refused', { file: path, problems })
      return
    }
    await node.setDirectory(directory)
    event('directory', { file: path, epoch: directory.epoch, nodes: directory.nodes.length, signers })
  }
  const next = (): void => {
    look()
      .catch((error: unknown) => {
        if (!isAivError(error)) throw error
        event('directory-refused', { file: path, problems: [error.message] })
      })
      .finally(() => {
        if (!isOver) cancel = systemClock.schedule(LOOK_MS, next)
      })
  }
  next()
  return () => {
    isOver = true
    cancel()
  }
}

/** Empty while there is no such file. */
async function versionOf(path: string): Promise<string> {
  try {
    const { mtimeMs, size, ino } = await stat(path)
    return `${mtimeMs} ${size} ${ino}`
  } catch {
    return ''
  }
}
