/** Finds the files of a project, without those of its dependencies, in the same order on every machine. */
import { type Dirent, readdirSync } from 'node:fs'
import { join, matchesGlob } from 'node:path'
import { AivError } from '../../../core/index.ts'

export interface WalkOptions {
  /** Globs of paths relative to the project, with `/`; a folder that matches is not entered. */
  readonly exclude?: readonly string[] | undefined
  /** Files and folders seen; default a million. */
  readonly maxEntries?: number
}

export interface Walked {
  /** Relative with `/`, sorted by code units. */
  readonly files: readonly string[]
  /** Folders that could not be read, or lie too deep, with the reason. */
  readonly problems: readonly { readonly path: string; readonly message: string }[]
}

/** Ten times the files of the Linux kernel. */
const MAX_ENTRIES = 1_000_000

/** Deeper than any checkout; links are not followed, so that only a hostile tree gets here. */
const MAX_FOLDER_DEPTH = 100

/** Folders that hold what package managers, build tools and version control put there, and nothing of the project. */
const NEVER_ENTERED: ReadonlySet<string> = new Set([
  '.git',
  '.hg',
  '.svn',
  'node_modules',
  'bower_components',
  '.pnpm-store',
  '.yarn',
  '.venv',
  'venv',
  'site-packages',
  '__pycache__',
  '.tox',
  '.nox',
  '.gradle',
  '.build',
  'DerivedData',
])

/** Folders that are such only beside one of these files. */
const ENTERED_UNLESS: ReadonlyMap<string, readonly string[]> = new Map([
  ['vendor', ['composer.json', 'go.mod', 'Gemfile', 'Cargo.toml']],
  ['target', ['Cargo.toml', 'pom.xml', 'build.sbt']],
  ['deps', ['mix.exs', 'mix.lock', 'rebar.config']],
  ['_build', ['mix.exs', 'mix.lock', 'rebar.config']],
  ['Pods', ['Podfile', 'Podfile.lock']],
  ['Carthage', ['Cartfile']],
])

/**
 * @param root an existing folder
 * @throws AivError `E_TOO_LARGE` with more than `maxEntries` entries
 */
export function walk(root: string, { exclude = [], maxEntries = MAX_ENTRIES }: WalkOptions = {}): Walked {
  const files: string[] = []
  const problems: { path: string; message: string }[] = []
  const open: { readonly path: string; readonly depth: number }[] = [{ path: '', depth: 0 }]
  let seen = 0
  for (let folder = open.pop(); folder !== undefined; folder = open.pop()) {
    const entries = entriesOf(join(root, folder.path))
    if (entries === undefined) {
      problems.push({ path: folder.path || '.', message: 'the folder cannot be read' })
      continue
    }
    seen += entries.length
    if (seen > maxEntries)
      throw new AivError('E_TOO_LARGE', `the folder holds more than ${maxEntries} files`, {
        hint: 'Name a folder further down, or leave parts out with --exclude',
      })
    const names = new Set(entries.map(({ name }) => name))
    for (const entry of entries) {
      const path = folder.path === '' ? entry.name : `${folder.path}/${entry.name}`
      if (exclude.some((glob) => matchesGlob(path, glob))) continue
      // A link to a folder could lead out of the project or back to its top; a link to a file is judged when read.
      if (!entry.isDirectory()) files.push(path)
      else if (!isForeign(entry.name, names)) {
        if (folder.depth < MAX_FOLDER_DEPTH) open.push({ path, depth: folder.depth + 1 })
        else problems.push({ path, message: `the folder lies more than ${MAX_FOLDER_DEPTH} deep` })
      }
    }
  }
  return { files: files.sort(), problems }
}

function isForeign(name: string, beside: ReadonlySet<string>): boolean {
  if (NEVER_ENTERED.has(name)) return true
  return ENTERED_UNLESS.get(name)?.some((file) => beside.has(file)) ?? false
}

function entriesOf(folder: string): readonly Dirent[] | undefined {
  try {
    return readdirSync(folder, { withFileTypes: true })
  } catch {
    return undefined
  }
}
