/** Real lockfiles, manifests and documents that mutations begin with. */
import { globSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { READERS } from '../../../src/lib/lint/readers/index.ts'
import { conformancePath } from '../conformance.ts'

export interface CorpusFile {
  /** Relative to the corpus. */
  readonly path: string
  readonly text: string
}

/** Larger ones say nothing that smaller ones do not, and take their time. */
const MAX_BYTES = 60_000

/** Sorted; empty where there are no conformance files. */
export function corpusFiles(folder: 'lockfiles' | 'examples', maxBytes = MAX_BYTES): readonly CorpusFile[] {
  const root = conformancePath('lint', folder)
  if (root === undefined) return []
  return globSync('**/*', { cwd: root })
    .sort()
    .filter((path) => {
      const stat = statSync(join(root, path))
      return stat.isFile() && stat.size > 0 && stat.size <= maxBytes
    })
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** Corpora call their variants `two-packages.v9.yaml`; readers go by the name that the ecosystem gives. */
const USUAL_NAMES: readonly (readonly [RegExp, string])[] = [
  [/packagelockjson|pkg-lock/, 'package-lock.json'],
  [/pnpm/, 'pnpm-lock.yaml'],
  [/yarn/, 'yarn.lock'],
  [/bun/, 'bun.lock'],
  [/deno/, 'deno.lock'],
  [/poetry/, 'poetry.lock'],
  [/uvlock|uv\//, 'uv.lock'],
  [/pdm/, 'pdm.lock'],
  [/pylock/, 'pylock.toml'],
  [/pipfile/i, 'Pipfile.lock'],
  [/requirements/, 'requirements.txt'],
  [/cargo/i, 'Cargo.lock'],
  [/\.mod$/, 'go.mod'],
  [/composer/, 'composer.lock'],
  [/gemfile/i, 'Gemfile.lock'],
  [/mix/, 'mix.lock'],
  [/rebar/, 'rebar.lock'],
  [/packages.?lock.?json/, 'packages.lock.json'],
  [/gradle/, 'gradle.lockfile'],
  [/pom/, 'pom.xml'],
  [/pubspec/, 'pubspec.lock'],
  [/resolved/, 'Package.resolved'],
  [/Podfile/, 'Podfile.lock'],
  [/conan/, 'conan.lock'],
]

export function usualName(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (READERS.some(({ claims }) => claims(name))) return name
  return USUAL_NAMES.find(([pattern]) => pattern.test(path))?.[1] ?? name
}
