import { describe, expect, it } from 'vitest'
import { READERS } from '../../../src/lib/lint/readers/index.ts'

/** Names as the documentation of each ecosystem gives them. */
const CLAIMED: readonly (readonly [string, string])[] = [
  ['composer', 'app/composer.lock'],
  ['gem', 'Gemfile.lock'],
  ['gem', 'gems.locked'],
  ['gem', 'gemfiles/rails_7.gemfile.lock'],
  ['mix', 'mix.lock'],
  ['rebar', 'rebar.lock'],
  ['nuget', 'src/App/packages.lock.json'],
  ['nuget', 'src/App/packages.config'],
  ['nuget', 'src/App/obj/project.assets.json'],
  ['nuget', 'out/App.deps.json'],
  ['gradle', 'app/gradle.lockfile'],
  ['gradle', 'buildscript-gradle.lockfile'],
  ['gradle', 'settings-gradle.lockfile'],
  ['gradle', 'gradle/dependency-locks/compileClasspath.lockfile'],
  ['sbt', 'build.sbt.lock'],
  ['maven', 'core/pom.xml'],
  ['maven', 'plugin.pom.xml'],
  ['pub', 'pubspec.lock'],
  ['swift', 'Package.resolved'],
  ['swift', 'App.xcworkspace/xcshareddata/swiftpm/Package.resolved'],
  ['cocoapods', 'ios/Podfile.lock'],
  ['conan', 'conan.lock'],
]

describe('of all readers', () => {
  it.each(CLAIMED)('%s alone reads %s', (id, path) => {
    expect(READERS.filter((entry) => entry.claims(path)).map((entry) => entry.id)).toEqual([id])
  })

  it.each([
    '.flattened-pom.xml',
    'mypom.xml',
    'Gemfile',
    'mix.exs',
    'deps.json.bak',
    'xcomposer.lock',
    'x.lockfile',
  ])('none reads %s', (path) => {
    expect(READERS.filter((entry) => entry.claims(path)).map((entry) => entry.id)).toEqual([])
  })

  it('each has a name of its own and is the reader that its line says', async () => {
    expect(new Set(READERS.map(({ id }) => id)).size).toBe(READERS.length)
    for (const entry of READERS) expect((await entry.load()).id).toBe(entry.id)
  })
})
