/** Folders of a workspace, by the patterns of `workspaces` and `pnpm-workspace.yaml`. */

import { inFolder } from '../lock/index.ts'
import type { ProjectFiles } from '../reader.ts'

/** Far more folders than any workspace looks through; a pattern of only `**` must not walk a whole disk. */
const MAX_FOLDERS = 20_000
const MAX_DEPTH = 12

/** @param path of a folder, relative to the root of the workspace */
export function matchesWorkspace(path: string, patterns: readonly string[]): boolean {
  const parts = partsOf(path)
  let matches = false
  for (const pattern of patterns) {
    const isNegative = pattern.startsWith('!')
    if (matchesParts(parts, partsOf(isNegative ? pattern.slice(1) : pattern))) matches = !isNegative
  }
  return matches
}

/** Folders with a `package.json` that the patterns name, relative to the root of the workspace, sorted. */
export function workspaceFolders(
  folder: string,
  patterns: readonly string[],
  files: ProjectFiles,
): readonly string[] {
  if (patterns.length === 0) return []
  const found: string[] = []
  const open = ['.']
  for (let looked = 0; looked < MAX_FOLDERS; looked += 1) {
    const path = open.pop()
    if (path === undefined) break
    const names = files.list(path === '.' ? folder : inFolder(folder, path))
    if (path !== '.' && names.includes('package.json') && matchesWorkspace(path, patterns)) found.push(path)
    if (partsOf(path).length >= MAX_DEPTH) continue
    for (const name of names) {
      const child = inFolder(path, name.slice(0, -1))
      if (!name.endsWith('/') || name === 'node_modules/' || name.startsWith('.')) continue
      if (patterns.some((pattern) => mayContain(partsOf(child), partsOf(pattern)))) open.push(child)
    }
  }
  return found.sort()
}

function partsOf(path: string): readonly string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.')
}

/** `*` inside one name, `**` for any number of folders; each pair is looked at once, whatever the pattern. */
function matchesParts(parts: readonly string[], pattern: readonly string[]): boolean {
  let reached = new Set([0])
  for (let i = 0; i <= parts.length; i += 1) {
    for (const at of [...reached]) for (let p = at; pattern[p] === '**'; p += 1) reached.add(p + 1)
    const part = parts[i]
    if (part === undefined) return reached.has(pattern.length)
    const next = new Set<number>()
    for (const at of reached) {
      const wanted = pattern[at]
      if (wanted === '**') next.add(at)
      else if (wanted !== undefined && matchesName(part, wanted)) next.add(at + 1)
    }
    reached = next
  }
  return false
}

/** A folder that is matched, or one above such a folder. */
function mayContain(parts: readonly string[], pattern: readonly string[]): boolean {
  const index = pattern.indexOf('**')
  if (index !== -1 && index <= parts.length)
    return matchesParts(parts.slice(0, index), pattern.slice(0, index))
  return parts.length <= pattern.length && matchesParts(parts, pattern.slice(0, parts.length))
}

function matchesName(name: string, pattern: string): boolean {
  const [first = '', ...rest] = pattern.split('*')
  if (rest.length === 0) return name === pattern
  if (!name.startsWith(first)) return false
  let at = first.length
  const last = rest.pop() ?? ''
  for (const piece of rest) {
    const found = name.indexOf(piece, at)
    if (found === -1) return false
    at = found + piece.length
  }
  return name.length - last.length >= at && name.endsWith(last)
}
