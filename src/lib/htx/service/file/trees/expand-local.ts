/** Which files a path here stands for: the file itself, or everything below a directory. */
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { AivError, isAivError } from '../../../../core/index.ts'
import { TREE_FILES_MOST } from '../constants.ts'
import { Directory, type DirectoryEntry } from '../disk/directory.ts'
import { ioError } from '../disk/io-error.ts'
import { inDirectory, openBelow } from '../disk/landing.ts'
import { nameSegments } from '../disk/names.ts'
import { openSource, sourceFrom } from '../disk/source-file.ts'
import type { LocalFile } from '../put.ts'

/** Something that cannot or must not be sent, by its path below what was asked for, and why. */
export type OnSkipped = (path: string, reason: string) => void

export interface ExpandLocalOptions {
  /** First levels of the names on the wire; default: the directory's own name. Empty: its files lie at the root there. */
  readonly as?: string | undefined
  /** Symbolic links, sockets and devices, names no receiver would take, directories that cannot be read. */
  readonly onSkipped?: OnSkipped | undefined
  /** More files than this are `E_TOO_LARGE`; default 100,000. */
  readonly maxFiles?: number | undefined
  readonly signal?: AbortSignal | undefined
}

interface Walk {
  readonly root: string
  readonly files: LocalFile[]
  readonly names: Set<string>
  readonly options: ExpandLocalOptions
}

/**
 * Lists the files to send, sorted within each directory. Symbolic links below the path are not followed, neither now
 * nor when a file is opened; empty directories leave no trace.
 * @throws AivError `E_NOT_FOUND`, `E_PERMISSION`, `E_TOO_LARGE`, `E_ABORTED`
 */
export async function expandLocal(path: string, options: ExpandLocalOptions = {}): Promise<LocalFile[]> {
  const name = options.as ?? basename(resolve(path)).normalize('NFC')
  const { isDirectory, size } = await look(path)
  if (!isDirectory) return [{ name, size, open: () => openSource(path) }]
  const walk: Walk = { root: path, files: [], names: new Set(), options }
  const root = await Directory.openRoot(path)
  try {
    await walkInto(walk, root, [], name === '' ? [] : name.split('/'))
  } finally {
    await root.close()
  }
  return walk.files
}

async function look(path: string): Promise<{ isDirectory: boolean; size: number }> {
  try {
    const stats = await stat(path)
    return { isDirectory: stats.isDirectory(), size: stats.size }
  } catch (error) {
    throw ioError(error, path)
  }
}

/** @param here segments as they are on this disk, `there` as they go over the wire */
async function walkInto(
  walk: Walk,
  directory: Directory,
  here: readonly string[],
  there: readonly string[],
): Promise<void> {
  const entries: DirectoryEntry[] = []
  for await (const entry of directory.entries()) entries.push(entry)
  entries.sort((a, b) => (a.name < b.name ? -1 : 1))
  for (const entry of entries) {
    if (walk.options.signal?.aborted === true) throw new AivError('E_ABORTED', 'the listing was given up')
    await visit(walk, directory, entry, [...here, entry.name], [...there, entry.name.normalize('NFC')])
  }
}

async function visit(
  walk: Walk,
  directory: Directory,
  { name, stat: stats }: DirectoryEntry,
  here: readonly string[],
  there: readonly string[],
): Promise<void> {
  const wireName = there.join('/')
  const problem = stats.isSymbolicLink()
    ? 'a symbolic link'
    : !stats.isFile() && !stats.isDirectory()
      ? 'not a regular file'
      : nameProblem(walk, wireName)
  if (problem !== undefined) {
    walk.options.onSkipped?.(here.join('/'), problem)
    return
  }
  walk.names.add(wireName)
  if (stats.isDirectory()) await visitDirectory(walk, directory, name, here, there)
  else addFile(walk, wireName, Number(stats.size), here)
}

async function visitDirectory(
  walk: Walk,
  parent: Directory,
  name: string,
  here: readonly string[],
  there: readonly string[],
): Promise<void> {
  try {
    await inDirectory(parent, [name], (directory) => walkInto(walk, directory, here, there))
  } catch (error) {
    const isOnlyThis =
      isAivError(error, 'E_PERMISSION') ||
      isAivError(error, 'E_NOT_FOUND') ||
      isAivError(error, 'E_FILE_PATH')
    if (!isOnlyThis) throw error
    walk.options.onSkipped?.(here.join('/'), error.message)
  }
}

function addFile(walk: Walk, name: string, size: number, here: readonly string[]): void {
  const { root, files, options } = walk
  const { maxFiles = TREE_FILES_MOST } = options
  if (files.length >= maxFiles) throw new AivError('E_TOO_LARGE', `${root}: more than ${maxFiles} files`)
  files.push({ name, size, open: async () => await openInTree(root, here, name) })
}

async function openInTree(
  root: string,
  here: readonly string[],
  name: string,
): ReturnType<LocalFile['open']> {
  const directory = await Directory.openRoot(root)
  try {
    return await sourceFrom(await openBelow(directory, here), name)
  } finally {
    await directory.close()
  }
}

function nameProblem({ names }: Walk, wireName: string): string | undefined {
  if (names.has(wireName)) return 'the same name as another file in Unicode NFC'
  try {
    nameSegments(wireName)
    return undefined
  } catch (error) {
    if (error instanceof AivError) return error.message
    throw error
  }
}
