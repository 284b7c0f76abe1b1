import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REPOSITORY } from '../support/aiv.ts'

type Versions = Readonly<Record<string, string>>

const read = (path: string): string => readFileSync(join(REPOSITORY, path), 'utf8')
const manifest = JSON.parse(read('package.json')) as {
  readonly version: string
  readonly dependencies: Versions
  readonly optionalDependencies: Versions
  readonly devDependencies: Versions
  readonly allowScripts: Readonly<Record<string, boolean>>
}
const lockfile = JSON.parse(read('package-lock.json')) as {
  readonly packages: Readonly<
    Record<
      string,
      { readonly integrity?: string; readonly link?: boolean; readonly hasInstallScript?: boolean }
    >
  >
}
const { dependencies, optionalDependencies, devDependencies } = manifest

describe('the package', () => {
  it('pins every dependency to one version', () => {
    for (const version of Object.values({ ...dependencies, ...optionalDependencies, ...devDependencies }))
      expect(version).toMatch(/^\d+\.\d+\.\d+$/)
  })

  it('says of every dependency why it is there', () => {
    const documented = [...read('docs/dependencies.md').matchAll(/^\| `([^`]+)` \|/gm)].map(
      ([, name]) => name,
    )
    expect(documented.sort()).toEqual(
      Object.keys({ ...dependencies, ...optionalDependencies, ...devDependencies }).sort(),
    )
  })

  it('has the hash of every package in its lockfile', () => {
    const unpinned = Object.entries(lockfile.packages).filter(
      ([path, entry]) => path !== '' && !entry.integrity,
    )
    expect(unpinned.map(([path]) => path)).toEqual([])
  })

  it('has decided about every install script', () => {
    const scripts = Object.entries(lockfile.packages)
      .filter(([, entry]) => entry.hasInstallScript === true)
      .map(([path]) => path.replace(/^.*node_modules\//, ''))
    expect(Object.keys(manifest.allowScripts).sort()).toEqual([...new Set(scripts)].sort())
  })

  it('has an entry in the changelog for its version', () => {
    expect(read('CHANGELOG.md')).toContain(`\n## ${manifest.version} `)
  })

  it('is under the Apache licence, whole', () => {
    expect(read('LICENSE')).toContain('END OF TERMS AND CONDITIONS')
    expect(read('LICENSE')).toContain('Version 2.0, January 2004')
  })
})
