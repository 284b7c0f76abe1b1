/** Folders that the patterns of `workspace.members` name: `crates/*`, `tools/?-cli`. */
import { inFolder, resolveInside } from '../lock/index.ts'
import type { ProjectFiles } from '../reader.ts'

const MAX_FOLDERS = 10_000
const MAX_DEPTH = 20

/** @param folder that the pattern starts from */
export function foldersLike(folder: string, pattern: string, files: ProjectFiles): readonly string[] {
  const place = resolveInside(folder, pattern)
  if (place.outside) return []
  let found = ['.']
  for (const part of place.path.split('/')) {
    if (part === '.') continue
    found = found.flatMap((one) => step(one, part, files)).slice(0, MAX_FOLDERS)
  }
  return found
}

function step(folder: string, part: string, files: ProjectFiles): string[] {
  if (part === '**') return [folder, ...below(folder, files, MAX_DEPTH)]
  if (!/[*?[]/.test(part)) return [inFolder(folder, part)]
  return subfolders(folder, files)
    .filter((name) => matchesPart(name, part))
    .map((name) => inFolder(folder, name))
}

function below(folder: string, files: ProjectFiles, depth: number): string[] {
  if (depth === 0) return []
  return subfolders(folder, files)
    .slice(0, MAX_FOLDERS)
    .flatMap((name) => [inFolder(folder, name), ...below(inFolder(folder, name), files, depth - 1)])
}

function subfolders(folder: string, files: ProjectFiles): readonly string[] {
  return files
    .list(folder)
    .filter((name) => name.endsWith('/') && !name.startsWith('.'))
    .map((name) => name.slice(0, -1))
}

/** Greedy, with one step back: a pattern of many stars costs no more than name times pattern. */
function matchesPart(name: string, pattern: string): boolean {
  let at = 0
  let inPattern = 0
  let star = -1
  let resume = 0
  while (at < name.length) {
    if (pattern[inPattern] === '*') {
      star = inPattern
      inPattern += 1
      resume = at
    } else if (pattern[inPattern] === '?' || pattern[inPattern] === name[at]) {
      at += 1
      inPattern += 1
    } else if (star !== -1) {
      inPattern = star + 1
      resume += 1
      at = resume
    } else return false
  }
  return /^\**$/.test(pattern.slice(inPattern))
}
