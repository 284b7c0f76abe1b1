/** Which files a path there stands for: the file itself, or everything below a directory. */
import { AivError, isAivError } from '../../../../core/index.ts'
import type { HtxSession } from '../../../endpoint/htx-session.ts'
import { LISTS_AT_ONCE, TREE_FILES_MOST } from '../constants.ts'
import { nameSegments } from '../disk/names.ts'
import { type ListOptions, listFiles } from '../list.ts'
import type { FileEntry } from '../wire/entries.ts'
import type { OnSkipped } from './expand-local.ts'
import { transferAll } from './transfer-all.ts'

/** A file of the other side. */
export interface RemoteFile {
  /** Its whole name there. */
  readonly remoteName: string
  /** Its name here, below the directory that it is fetched into. */
  readonly name: string
  /** Bytes, when it was listed. */
  readonly size: number
}

export interface ExpandRemoteOptions extends ListOptions {
  /** First levels of the names here; default: the directory's own name there. */
  readonly as?: string | undefined
  /** Directories that the peer does not list, and names that are too long or too deep. */
  readonly onSkipped?: OnSkipped | undefined
  /** More files than this are `E_TOO_LARGE`; default 100,000. The same number of directories is the bound for them. */
  readonly maxFiles?: number | undefined
}

interface Folder {
  readonly remoteName: string
  readonly name: string
}

/**
 * Lists the files to fetch. Depth is bounded by the 32 levels of a name.
 * @param path empty for everything that is served
 * @throws AivError `E_NOT_FOUND`, `E_TOO_LARGE`, what `listFiles` throws
 */
export async function expandRemote(
  session: HtxSession,
  path: string,
  options: ExpandRemoteOptions = {},
): Promise<RemoteFile[]> {
  if (path === '') return await expandFolder(session, { remoteName: '', name: options.as ?? '' }, options)
  const segments = nameSegments(path)
  const last = segments.at(-1) as string
  const siblings = await listFiles(session, segments.slice(0, -1).join('/'), options)
  const found = siblings.find(({ name }) => name === last)
  if (found === undefined) throw new AivError('E_NOT_FOUND', `${path}: not found on the other side`)
  const folder: Folder = { remoteName: path, name: options.as ?? last }
  return found.dir ? await expandFolder(session, folder, options) : [{ ...folder, size: found.size }]
}

async function expandFolder(
  session: HtxSession,
  top: Folder,
  options: ExpandRemoteOptions,
): Promise<RemoteFile[]> {
  const { maxFiles = TREE_FILES_MOST, onSkipped } = options
  const files: RemoteFile[] = []
  let foldersSeen = 1
  for (let level: Folder[] = [top]; level.length > 0; ) {
    const outcomes = await transferAll(level, LISTS_AT_ONCE, ({ remoteName }) =>
      listFiles(session, remoteName, options),
    )
    level = []
    for (const outcome of outcomes) {
      if (!outcome.ok) {
        if (!isAivError(outcome.error, 'E_SERVICE_REFUSED')) throw outcome.error
        onSkipped?.(outcome.item.remoteName, outcome.error.message)
        continue
      }
      for (const entry of outcome.result) {
        const child = childOf(outcome.item, entry, onSkipped)
        if (child === undefined) continue
        if (entry.dir) level.push(child)
        else files.push({ ...child, size: entry.size })
      }
      foldersSeen += level.length
      if (files.length > maxFiles || foldersSeen > maxFiles + 1)
        throw new AivError('E_TOO_LARGE', `${top.remoteName}: more than ${maxFiles} files or directories`)
    }
  }
  return files
}

function childOf(parent: Folder, { name }: FileEntry, onSkipped: OnSkipped | undefined): Folder | undefined {
  const child = { remoteName: joined(parent.remoteName, name), name: joined(parent.name, name) }
  try {
    nameSegments(child.remoteName)
    nameSegments(child.name)
    return child
  } catch (error) {
    if (!(error instanceof AivError)) throw error
    onSkipped?.(child.remoteName, error.message)
    return undefined
  }
}

function joined(path: string, name: string): string {
  return path === '' ? name : `${path}/${name}`
}
