import { describe, expect, it } from 'vitest'
import { sbtReader } from '../../../../src/lib/lint/readers/sbt/reader.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { cleanProject, onlyProject, purlsOf, readAt, readTexts } from '../lock-text.ts'
import { trivyPurls } from '../trivy-golden.ts'

const data = conformancePath('lint', 'lockfiles')

it.runIf(data !== undefined)('build.sbt.lock gives what Trivy finds, with the hash of the archive', () => {
  const project = cleanProject(readAt(sbtReader, `${data}/trivy/sbt/build.sbt.lock`))
  expect(purlsOf(project)).toEqual(trivyPurls('sbt/EXPECTED.sbt.json'))
  expect(project.components[0]).toMatchObject({
    scope: 'required',
    hashes: [{ algorithm: 'sha1', value: '716da1830a2043f18882fc036ec26eb32cbe5aff' }],
  })
})

describe('a build.sbt.lock', () => {
  const read = (lock: unknown) =>
    readTexts(sbtReader, 'build.sbt.lock', { 'build.sbt.lock': JSON.stringify(lock) })
  const entry = (name: string, ...configurations: readonly string[]) => ({
    org: 'o',
    name,
    version: '1',
    configurations,
  })

  it('tells from the configurations what a package is for', () => {
    const dependencies = [
      entry('a_2.13', 'compile', 'test'),
      entry('b', 'test'),
      entry('c', 'optional', 'test'),
      entry('d', 'provided'),
    ]
    const project = cleanProject(read({ lockVersion: 1, dependencies }))
    expect(project.components.map(({ name, scope }) => [name, scope])).toEqual([
      ['o:a_2.13', 'required'],
      ['o:b', 'dev'],
      ['o:c', 'optional'],
      ['o:d', 'required'],
    ])
  })

  it('leaves an entry out that has no name', () => {
    const result = read({ lockVersion: 1, dependencies: [{ org: 'o' }, entry('a')] })
    expect(purlsOf(onlyProject(result))).toEqual(['pkg:maven/o/a@1'])
    expect(result.problems).toMatchObject([{ severity: 'warning' }])
  })

  it('of another version is an error', () => {
    expect(read({ lockVersion: 2 })).toMatchObject({
      projects: [],
      problems: [{ severity: 'error', line: 1 }],
    })
  })
})
