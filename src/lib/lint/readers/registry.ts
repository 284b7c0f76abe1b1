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
    id: 'bun',
    files: 'bun.lock',
    claims: (path) => isNamed(path, 'bun.lock', 'bun.lockb'),
    // The binary one is not read; where both are, bun itself reads the text.
    replaces: ['bun.lockb', 'package.json'],
    load: async () => (await import('./bun/bun-lock.ts')).bunReader,
  },
  {
    id: 'deno',
    files: 'deno.lock (versions 1 to 5)',
    claims: (path) => isNamed(path, 'deno.lock'),
    replaces: ['package.json'],
    load: async () => (await import('./deno/deno-lock.ts')).denoReader,
  },
  {
    id: 'package-json',
    files: 'package.json without a lockfile (what is wanted only)',
    claims: (path) => isNamed(path, 'package.json'),
    load: async () => (await import('./npm/manifest-reader.ts')).manifestReader,
  },
  {
    id: 'github-actions',
    files: 'workflows in .github/workflows, action.yml',
    claims: (path) => isNamed(path, 'action.yml', 'action.yaml') || isWorkflow(path),
    load: async () => (await import('./github-actions/workflow.ts')).githubActionsReader,
  },
  {
    id: 'cargo',
    files: 'Cargo.lock (versions 1 to 4) with the Cargo.toml files of its workspace',
    claims: (path) => isNamed(path, 'Cargo.lock'),
    replaces: ['Cargo.toml'],
    load: async () => (await import('./cargo/reader.ts')).cargoReader,
  },
  {
    id: 'cargo-toml',
    files: 'Cargo.toml without a lockfile (what is wanted only)',
    claims: (path) => isNamed(path, 'Cargo.toml'),
    load: async () => (await import('./cargo/manifest-reader.ts')).cargoManifestReader,
  },
  {
    id: 'go',
    files: 'go.mod with go.sum and vendor/modules.txt, go.work',
    claims: (path) => isNamed(path, 'go.mod', 'go.work') && !`/${path}`.includes('/vendor/'),
    load: async () => (await import('./go/reader.ts')).goReader,
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
    files: 'uv.lock (version 1), NAME.py.lock',
    claims: (path) => isNamed(path, 'uv.lock') || path.endsWith('.py.lock'),
    replaces: ['pyproject.toml'],
    load: async () => (await import('./python/uv.ts')).uvReader,
  },
  {
    id: 'pdm',
    files: 'pdm.lock (versions 2 to 4)',
    claims: (path) => isNamed(path, 'pdm.lock'),
    replaces: ['pyproject.toml'],
    load: async () => (await import('./python/pdm.ts')).pdmReader,
  },
  {
    id: 'pylock',
    files: 'pylock.toml, pylock.NAME.toml',
    claims: (path) => /(?:^|\/)pylock(?:\.[^./]+)?\.toml$/.test(path),
    replaces: ['pyproject.toml'],
    load: async () => (await import('./python/pylock.ts')).pylockReader,
  },
  {
    id: 'pipenv',
    files: 'Pipfile.lock',
    claims: (path) => isNamed(path, 'Pipfile.lock'),
    replaces: ['Pipfile', 'pyproject.toml'],
    load: async () => (await import('./python/pipfile.ts')).pipfileReader,
  },
  {
    id: 'requirements',
    files: 'requirements*.txt, *requirements.txt, requirements/*.txt',
    claims: (path) => /(?:^|\/)(?:requirements[^/]*|[^/]*requirements|requirements\/[^/]+)\.txt$/.test(path),
    load: async () => (await import('./python/requirements/reader.ts')).requirementsReader,
  },
  {
    id: 'pyproject',
    files: 'pyproject.toml without a lockfile (what is wanted only)',
    claims: (path) => isNamed(path, 'pyproject.toml'),
    load: async () => (await import('./python/pyproject-reader.ts')).pyprojectReader,
  },
  {
    id: 'composer',
    files: 'composer.lock with the composer.json beside it',
    claims: (path) => isNamed(path, 'composer.lock'),
    replaces: ['composer.json'],
    load: async () => (await import('./composer/reader.ts')).composerReader,
  },
  {
    id: 'gem',
    files: 'Gemfile.lock, gems.locked, *.gemfile.lock',
    claims: (path) => isNamed(path, 'Gemfile.lock', 'gems.locked') || path.endsWith('.gemfile.lock'),
    load: async () => (await import('./gemfile/reader.ts')).gemfileReader,
  },
  {
    id: 'mix',
    files: 'mix.lock',
    claims: (path) => isNamed(path, 'mix.lock'),
    load: async () => (await import('./hex/mix-reader.ts')).mixReader,
  },
  {
    id: 'rebar',
    files: 'rebar.lock (versions 1.1.0, 1.2.0 and before)',
    claims: (path) => isNamed(path, 'rebar.lock'),
    load: async () => (await import('./hex/rebar-reader.ts')).rebarReader,
  },
  {
    id: 'nuget',
    files: 'packages.lock.json (versions 1 and 2), packages.config, project.assets.json, *.deps.json',
    claims: (path) =>
      isNamed(path, 'packages.lock.json', 'packages.config', 'project.assets.json') ||
      path.endsWith('.deps.json'),
    load: async () => (await import('./nuget/reader.ts')).nugetReader,
  },
  {
    id: 'gradle',
    files:
      'gradle.lockfile, buildscript-gradle.lockfile, gradle/dependency-locks, verification-metadata.xml for hashes',
    claims: (path) =>
      isNamed(path, 'gradle.lockfile', 'buildscript-gradle.lockfile', 'settings-gradle.lockfile') ||
      /(?:^|\/)gradle\/dependency-locks\/[^/]+\.lockfile$/.test(path),
    load: async () => (await import('./gradle/lock-reader.ts')).gradleLockReader,
  },
  {
    id: 'sbt',
    files: 'build.sbt.lock (version 1)',
    claims: (path) => isNamed(path, 'build.sbt.lock'),
    load: async () => (await import('./sbt/reader.ts')).sbtReader,
  },
  {
    id: 'maven',
    files: 'pom.xml, *.pom.xml, with their parents and modules in the same project',
    claims: (path) => isNamed(path, 'pom.xml') || /(?:^|\/)[^/.][^/]*\.pom\.xml$/.test(path),
    load: async () => (await import('./maven/reader.ts')).mavenReader,
  },
  {
    id: 'pub',
    files: 'pubspec.lock',
    claims: (path) => isNamed(path, 'pubspec.lock'),
    load: async () => (await import('./pub/reader.ts')).pubReader,
  },
  {
    id: 'swift',
    files: 'Package.resolved (versions 1 to 3)',
    claims: (path) => isNamed(path, 'Package.resolved'),
    load: async () => (await import('./swift/reader.ts')).swiftReader,
  },
  {
    id: 'cocoapods',
    files: 'Podfile.lock',
    claims: (path) => isNamed(path, 'Podfile.lock'),
    load: async () => (await import('./cocoapods/reader.ts')).cocoapodsReader,
  },
  {
    id: 'conan',
    files: 'conan.lock (Conan 1 and 2)',
    claims: (path) => isNamed(path, 'conan.lock'),
    load: async () => (await import('./conan/reader.ts')).conanReader,
  },
  {
    id: 'binary',
    files:
      'executables in ELF, PE and Mach-O: Go build information, cargo auditable, an SBOM inside or beside',
    // No name says so: the scan looks at the first bytes.
    claims: () => false,
    load: async () => (await import('./binary/reader.ts')).binaryReader,
  },
]

/** The last part of the path is one of the names, and the file is none of an installed package. */
function isNamed(path: string, ...names: readonly string[]): boolean {
  return names.includes(path.slice(path.lastIndexOf('/') + 1)) && !`/${path}`.includes('/node_modules/')
}

/** GitHub reads the files of this folder, and none of folders inside it. */
function isWorkflow(path: string): boolean {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  return `/${folder}`.endsWith('/.github/workflows/') && (path.endsWith('.yml') || path.endsWith('.yaml'))
}
