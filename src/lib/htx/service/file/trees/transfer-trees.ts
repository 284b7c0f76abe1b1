/** Sends and fetches whole directories, several files at a time on streams of their own. */
import type { HtxSession } from '../../../endpoint/htx-session.ts'
import { PARALLEL_DEFAULT } from '../constants.ts'
import { type FetchedFile, type GetOptions, getFile } from '../get.ts'
import { type LocalFile, putFile } from '../put.ts'
import type { FileResult, TransferOptions } from '../types.ts'
import { type ExpandLocalOptions, expandLocal } from './expand-local.ts'
import { type ExpandRemoteOptions, expandRemote, type RemoteFile } from './expand-remote.ts'
import { type Outcome, transferAll } from './transfer-all.ts'

interface ManyOptions<T> extends Omit<TransferOptions, 'onProgress'> {
  /** Files at a time; default 4. */
  readonly parallel?: number | undefined
  readonly onProgress?:
    | ((file: T, bytesDone: number, bytesTotal: number, resumedFrom: number) => void)
    | undefined
}

export type PutTreeOptions = ManyOptions<LocalFile> & ExpandLocalOptions

export type GetTreeOptions = ManyOptions<RemoteFile> &
  ExpandRemoteOptions &
  Pick<GetOptions, 'overwrite' | 'maxFileBytes'>

/**
 * Sends a file, or every file below a directory.
 * @returns one outcome per file
 * @throws AivError what `expandLocal` throws; failures of single files are in the outcomes
 */
export async function putTree(
  session: HtxSession,
  path: string,
  options: PutTreeOptions = {},
): Promise<Outcome<LocalFile, FileResult>[]> {
  const { parallel = PARALLEL_DEFAULT, onProgress, ...rest } = options
  const files = await expandLocal(path, rest)
  return await transferAll(files, parallel, (file) =>
    putFile(session, file, {
      ...rest,
      onProgress: onProgress && ((...progress) => onProgress(file, ...progress)),
    }),
  )
}

/**
 * Fetches a file, or every file below a directory.
 * @param path empty for everything that is served
 * @param into directory here; it must exist
 * @returns one outcome per file
 * @throws AivError what `expandRemote` throws; failures of single files are in the outcomes
 */
export async function getTree(
  session: HtxSession,
  path: string,
  into: string,
  options: GetTreeOptions = {},
): Promise<Outcome<RemoteFile, FetchedFile>[]> {
  const { parallel = PARALLEL_DEFAULT, onProgress, ...rest } = options
  const files = await expandRemote(session, path, rest)
  return await transferAll(files, parallel, (file) =>
    getFile(session, file.remoteName, into, {
      ...rest,
      name: file.name,
      onProgress: onProgress && ((...progress) => onProgress(file, ...progress)),
    }),
  )
}
