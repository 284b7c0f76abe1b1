/** All readers, one line each; each is loaded when a project has a file for it. */
import type { ReaderEntry } from './reader.ts'

export const READERS: readonly ReaderEntry[] = [
  {
    id: 'npm',
    files: 'package-lock.json (lockfileVersion 1 to 3), npm-shrinkwrap.json',
    claims: (path) => isNamed(path, 'package-lock.json', 'npm-shrinkwrap.json'),
    // Where both are, npm itself reads the shrinkwrap.
    replaces: ['package-lock.json', 'package.json'],
    load: async () => (await import('./npm/package-lock.ts')).npmReader,
  },
  {
    id: 'pnpm',
    files: 'pnpm-lock.yaml (lockfileVersion 5 to 9)',
    claims: (path) => isNamed(path, 'pnpm-lock.yaml'),
    replaces: ['package.json'],
    load: async () => (await import('./pnpm/pnpm-lock.ts')).pnpmReader,
  },
  {
    id: 'yarn',
    files: 'yarn.lock (yarn 1 to 4)',
    claims: (path) => isNamed(path, 'yarn.lock'),
    replaces: ['package.json'],
    load: async () => (await import('./yarn/yarn-lock.ts')).yarnReader,
  },
  {
    id: 'cargo',
    files: 'Cargo.lock (versions 1 to 4) with the Cargo.toml files of its workspace',
    claims: (path) => isNamed(path, 'Cargo.lock'),
    replaces: ['Cargo.toml'],
    load: async () => (await import('./cargo/reader.ts')).cargoReader,
  },
  {
    id: 'poetry',
    files: 'poetry.lock (Poetry 1 and 2)',
    claims: (path) => isNamed(path, 'poetry.lock'),
    replaces: ['pyproject.toml'],
    load: async () => (await import('./python/poetry.ts')).poetryReader,
  },
  {
    id: 'uv',
    files: 'uv.lock (version 1)',
    claims: (path) => isNamed(path, 'uv.lock'),
    replaces: ['pyproject.toml'],
    load: async () => (await import('./python/uv.ts')).uvReader,
  },
]

/** The last part of the path is one of the names, and the file is none of an installed package. */
function isNamed(path: string, ...names: readonly string[]): boolean {
  return names.includes(path.slice(path.lastIndexOf('/') + 1)) && !`/${path}`.includes('/node_modules/')
}
