/** Where the repository of a folder is, and what its HEAD is (gitrepository-layout, git-worktree). */
import { statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { readSmall } from './files.ts'

export interface Repository {
  /** Of this work tree: it has HEAD. */
  readonly gitDir: string
  /** What all work trees share: refs. */
  readonly commonDir: string
  /** Folders with objects, the own one first. */
  readonly objects: readonly string[]
}

/** Symbolic refs that lead to each other; git follows five. */
const MAX_SYMBOLIC = 5
/** Stores of objects that a repository borrows from, and those from others. */
const MAX_ALTERNATES = 16

const OBJECT_NAME = /^(?:[0-9a-f]{40}|[0-9a-f]{64})$/
/** No part may lead out of the folder of the refs. */
const REF_NAME = /^(?:HEAD|refs(?:\/(?!\.)[^/\0\\]+)+)$/

/** The repository of the folder or of the nearest one above it. */
export function findRepository(folder: string): Repository | undefined {
  for (let at = resolve(folder); ; at = dirname(at)) {
    const gitDir = gitDirOf(join(at, '.git'))
    if (gitDir !== undefined) return repositoryAt(gitDir)
    if (dirname(at) === at) return undefined
  }
}

/** Name of the commit that HEAD stands for; undefined before the first one. */
export function headCommit({ gitDir, commonDir }: Repository): string | undefined {
  let name = 'HEAD'
  for (let i = 0; i <= MAX_SYMBOLIC; i += 1) {
    const text = (readSmall(join(gitDir, name)) ?? readSmall(join(commonDir, name)))?.trim()
    if (text === undefined) return packedRef(commonDir, name)
    if (OBJECT_NAME.test(text)) return text
    const [, target] = /^ref: *(\S+)$/.exec(text) ?? []
    if (target === undefined || !REF_NAME.test(target)) return undefined
    name = target
  }
  return undefined
}

/** A folder, or where a file points to: work trees and submodules have one. */
function gitDirOf(path: string): string | undefined {
  try {
    if (statSync(path).isDirectory()) return path
  } catch {
    return undefined
  }
  const [, target] = /^gitdir: (.+)$/m.exec(readSmall(path) ?? '') ?? []
  return target === undefined ? undefined : resolve(dirname(path), target.trimEnd())
}

function repositoryAt(gitDir: string): Repository {
  const common = readSmall(join(gitDir, 'commondir'))?.trim()
  const commonDir = common === undefined ? gitDir : resolve(gitDir, common)
  return { gitDir, commonDir, objects: objectStores(join(commonDir, 'objects')) }
}

function objectStores(own: string): readonly string[] {
  const stores = [own]
  for (let i = 0; i < stores.length && stores.length < MAX_ALTERNATES; i += 1) {
    const store = stores[i] as string
    for (const line of (readSmall(join(store, 'info', 'alternates')) ?? '').split('\n')) {
      if (stores.length >= MAX_ALTERNATES) break
      const other = resolve(store, line)
      if (line !== '' && !line.startsWith('#') && !stores.includes(other)) stores.push(other)
    }
  }
  return stores.slice(0, MAX_ALTERNATES)
}

function packedRef(commonDir: string, name: string): string | undefined {
  const text = readSmall(join(commonDir, 'packed-refs')) ?? ''
  for (const line of text.split('\n')) {
    const [commit, ref] = line.split(' ')
    if (ref === name && commit !== undefined && OBJECT_NAME.test(commit)) return commit
  }
  return undefined
}
