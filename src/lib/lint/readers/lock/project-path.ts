/** Paths inside a project. A lockfile may name any path; none is opened here. */
import { type Component, NAMELESS } from '../../bom/index.ts'

/** The folder of a path; `.` at the top. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/')
  return slash === -1 ? '.' : path.slice(0, slash)
}

export function nameOf(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1)
}

/** The path of a file beside, or below, a folder of the project. */
export function inFolder(folder: string, name: string): string {
  return folder === '.' ? name : `${folder}/${name}`
}

export interface LocalPath {
  /** Relative to the scanned folder, with `/`, without `.` and inner `..`; `.` at the top. */
  readonly path: string
  /** It lies beside or above the scanned folder, or is absolute. */
  readonly outside: boolean
}

/**
 * Where a path in a lockfile leads.
 * @param folder of the lockfile, relative to the scanned folder
 * @param path as written there; backslashes of Windows are read as slashes
 */
export function resolveInside(folder: string, path: string): LocalPath {
  const written = path.replaceAll('\\', '/')
  if (written.startsWith('/') || /^[A-Za-z]:\//.test(written)) return { path: written, outside: true }
  const parts: string[] = []
  for (const part of `${folder}/${written}`.split('/')) {
    if (part === '' || part === '.') continue
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '..') parts.pop()
    else parts.push(part)
  }
  return { path: parts.length === 0 ? '.' : parts.join('/'), outside: parts[0] === '..' }
}

/** @param ref of a component: it is a folder beside or above the scanned one, or anywhere on the machine */
export function isOutside(ref: string): boolean {
  return /^path:(?:\.\.(?:[/#]|$)|\/|[A-Za-z]:\/)/.test(ref)
}

/**
 * The component that a lockfile is about. Its name is that of the folder where no manifest gives one; a reader does
 * not know the name of the scanned folder itself.
 */
export function rootComponent(folder: string, known: Partial<Component> = {}): Component {
  return {
    ref: `path:${folder}`,
    type: 'application',
    name: folder === '.' ? NAMELESS : nameOf(folder),
    origin: 'workspace',
    scope: 'required',
    ...known,
  }
}
