/** Which file of a folder a request means. Nothing outside of it, and nothing hidden, whatever the request says. */
import { realpath } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { originForm, pathOf } from '../site-request.ts'

export interface RequestedPath {
  /** Decoded, without empty ones. */
  readonly segments: readonly string[]
  /** The path ends with a slash. */
  readonly isFolder: boolean
}

/** Unprintable, or a separator to some system. */
const UNUSABLE = /[\p{Cc}/\\]/u

/** Undefined for what no file of a site is called. */
export function requestedPath(target: string): RequestedPath | undefined {
  const path = pathOf(originForm(target)) || '/'
  if (!path.startsWith('/')) return undefined
  const segments: string[] = []
  for (const raw of path.split('/')) {
    const segment = decodedOrUndefined(raw)
    if (segment === undefined || UNUSABLE.test(segment) || segment.startsWith('.')) return undefined
    if (segment !== '') segments.push(segment)
  }
  return { segments, isFolder: path.endsWith('/') }
}

/** The path as a browser writes it, with a slash at its end. */
export function folderTarget(segments: readonly string[]): string {
  return `/${segments.map((segment) => `${encodeURIComponent(segment)}/`).join('')}`
}

/**
 * The real path of what a path below `root` leads to; undefined when links lead it out, or to something hidden.
 * @param root a real path
 * @throws the system's error when there is nothing
 */
export async function realPathBelow(root: string, segments: readonly string[]): Promise<string | undefined> {
  const real = await realpath(join(root, ...segments))
  const inside = relative(root, real)
  return inside.split(sep).some((part) => part.startsWith('.')) ? undefined : real
}

function decodedOrUndefined(text: string): string | undefined {
  try {
    return decodeURIComponent(text)
  } catch {
    return undefined
  }
}
