/** Which files of the named paths are judged, and as what. */
import { realpathSync, statSync } from 'node:fs'
import { basename, dirname, relative, resolve, sep } from 'node:path'
import { AivError, isAivError } from '../../core/index.ts'
import type { Unfinished } from '../findings/index.ts'
import { FolderFiles } from '../readers/index.ts'
import { chooseReaders } from '../scan/files/choose-readers.ts'
import { walk } from '../scan/files/walk.ts'
import { isDocumentName, looksLikeDocument } from './document-names.ts'

export interface DocumentTarget {
  /** As the report names it. */
  readonly path: string
  /** Undefined when the file is no text; {@link unreadable} says so. */
  readonly text: string
  readonly unreadable?: string | undefined
}

export interface ProjectTarget {
  /** As the report names it: a folder or a lockfile. */
  readonly path: string
  /** For `scanProject`. */
  readonly absolute: string
}

export interface Targets {
  readonly documents: readonly DocumentTarget[]
  readonly projects: readonly ProjectTarget[]
  readonly unfinished: readonly Unfinished[]
}

/** @throws AivError `E_INPUT` for a named path that is not there or cannot be read */
export function findTargets(paths: readonly string[], folder: string, ignore: readonly string[]): Targets {
  const documents = new Map<string, DocumentTarget>()
  const projects = new Map<string, ProjectTarget>()
  const unfinished: Unfinished[] = []
  for (const path of paths) {
    const absolute = resolve(folder, path)
    const shown = pathIn(folder, absolute)
    if (isFolder(absolute, path)) {
      const { files, problems } = walk(absolute, { exclude: ignore })
      for (const problem of problems) unfinished.push({ ...problem, path: joined(shown, problem.path) })
      if (chooseReaders(files).length > 0) projects.set(shown, { path: shown, absolute })
      for (const file of files.filter(isDocumentName)) {
        const found = readDocument(absolute, file, joined(shown, file))
        if (found === undefined) continue
        if ('message' in found) unfinished.push(found)
        else if (looksLikeDocument(file, found.text)) documents.set(found.path, found)
      }
    } else if (!isDocumentName(shown) && isLockfile(absolute)) projects.set(shown, { path: shown, absolute })
    else documents.set(shown, namedDocument(absolute, shown))
  }
  return {
    documents: [...documents.values()].sort(byPath),
    projects: [...projects.values()].sort(byPath),
    unfinished: unfinished.sort(byPath),
  }
}

/** Relative to the folder with `/`; one outside of it begins with `../`. */
export function pathIn(folder: string, absolute: string): string {
  return relative(folder, absolute).split(sep).join('/') || '.'
}

export function joined(folder: string, path: string): string {
  if (folder === '.') return path
  return path === '.' ? folder : `${folder}/${path}`
}

function isLockfile(absolute: string): boolean {
  const parts = absolute.split(sep)
  // Some names say what a file is only together with the folders above it.
  return [1, 2, 3].some((length) => chooseReaders([parts.slice(-length).join('/')]).length > 0)
}

/** @throws AivError `E_INPUT` */
export function isFolder(absolute: string, named: string): boolean {
  try {
    return statSync(absolute).isDirectory()
  } catch (cause) {
    const isAbsent = (cause as { readonly code?: unknown }).code === 'ENOENT'
    throw new AivError('E_INPUT', isAbsent ? `there is no ${named}` : `${named} cannot be read`, {
      cause,
      ...(isAbsent ? { hint: 'Name files and folders; aiv lint --help lists the commands' } : {}),
    })
  }
}

/** A file that the user names may be a link to anywhere. @throws AivError `E_INPUT` */
function namedDocument(absolute: string, path: string): DocumentTarget {
  const real = realpathSync(absolute)
  const found = readDocument(dirname(real), basename(real), path)
  if (found !== undefined && !('message' in found)) return found
  throw new AivError('E_INPUT', `cannot read ${path}: ${found?.message ?? 'it is not a file'}`)
}

/** Undefined for a link that leads out of the folder or to nothing. */
function readDocument(root: string, file: string, path: string): DocumentTarget | Unfinished | undefined {
  try {
    const text = new FolderFiles(root).text(file)
    return text === undefined ? undefined : { path, text }
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED')) return { path, text: '', unreadable: `${path} is not UTF-8` }
    if (isAivError(error)) return { path, message: error.message }
    throw error
  }
}

function byPath(a: { readonly path: string }, b: { readonly path: string }): number {
  if (a.path === b.path) return 0
  return a.path < b.path ? -1 : 1
}
