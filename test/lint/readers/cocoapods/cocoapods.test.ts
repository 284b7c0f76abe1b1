import { describe, expect, it } from 'vitest'
import { cocoapodsReader } from '../../../../src/lib/lint/readers/cocoapods/reader.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { cleanProject, component, edgesOf, onlyProject, purlsOf, readAt, readTexts } from '../lock-text.ts'
import { trivyPurls } from '../trivy-golden.ts'

const data = conformancePath('lint', 'lockfiles', 'trivy', 'cocoapods')

it.runIf(data !== undefined)('Podfile.lock gives what Trivy finds', () => {
  const project = cleanProject(readAt(cocoapodsReader, `${data}/Podfile.lock`))
  expect(purlsOf(project)).toEqual(trivyPurls('cocoapods/EXPECTED.cocoapods.json'))
  expect(component(project, '_NIODataStructures')).toMatchObject({
    occurrences: [{ path: 'Podfile.lock', line: 2 }],
    properties: { 'aiv:cocoapods:spec-sha1': '3d45d8e70a1d17a15b1dc59d102c63dbc0525ffd' },
  })
})

const TEXT = `PODS:
  - AFNetworking (4.0.1):
    - AFNetworking/NSURLSession (= 4.0.1)
  - AFNetworking/NSURLSession (4.0.1)
  - "GoogleUtilities/NSData+zlib (7.5.2)"
  - MyFork (2.0.0):
    - "GoogleUtilities/NSData+zlib (~> 7.5)"
  - Private (1.0.0)
  - React-Core (0.70.0):
    - React-Core/Default (= 0.70.0)
  - React-Core/Default (0.70.0)
  - React-jsi (0.70.0)
  - Local (1.0)
  - Archive (3.0)

DEPENDENCIES:
  - AFNetworking (~> 4.0)
  - Archive (from \`https://files.example.org/a.podspec\`)
  - Local (from \`../Local\`)
  - "MyFork (from \`git@github.com:me/fork.git\`, branch \`main\`)"
  - React-Core (from \`../node_modules/react-native\`)
  - React-jsi (from \`../node_modules/react-native\`)
  - Private

SPEC REPOS:
  https://github.com/CocoaPods/Specs.git:
    - AFNetworking
    - GoogleUtilities
  https://specs.example.org/private.git:
    - Private

EXTERNAL SOURCES:
  Archive:
    :http: https://files.example.org/a.zip
  Local:
    :path: "../Local"
  MyFork:
    :branch: main
    :git: git@github.com:me/fork.git
  React-Core:
    :path: "../node_modules/react-native/"
  React-jsi:
    :path: "../node_modules/react-native"

CHECKOUT OPTIONS:
  MyFork:
    :commit: c0ffee0000000000000000000000000000000001
    :git: git@github.com:me/fork.git

SPEC CHECKSUMS:
  AFNetworking: 7864c38297c79aaca1500c33288e429c3451fdce

COCOAPODS: 1.11.3
`

describe('a Podfile.lock', () => {
  const read = (text: string, path = 'ios/Podfile.lock') => readTexts(cocoapodsReader, path, { [path]: text })

  it('has subspecs, forks, other repositories and archives', () => {
    expect(purlsOf(cleanProject(read(TEXT)))).toEqual([
      'pkg:cocoapods/AFNetworking@4.0.1',
      'pkg:cocoapods/AFNetworking@4.0.1#NSURLSession',
      'pkg:cocoapods/Archive@3.0?download_url=https:%2F%2Ffiles.example.org%2Fa.zip',
      'pkg:cocoapods/GoogleUtilities@7.5.2#NSData%2Bzlib',
      'pkg:cocoapods/MyFork@2.0.0?vcs_url=git%2Bssh:%2F%2Fgit%40github.com%2Fme%2Ffork.git%40c0ffee0000000000000000000000000000000001',
      'pkg:cocoapods/Private@1.0.0?repository_url=https:%2F%2Fspecs.example.org%2Fprivate.git',
    ])
    expect(component(cleanProject(read(TEXT)), 'MyFork').source).toEqual({
      url: 'https://github.com/me/fork.git',
      revision: 'c0ffee0000000000000000000000000000000001',
    })
  })

  it('has the edges of the list, and those that the Podfile asks for', () => {
    expect(edgesOf(cleanProject(read(TEXT)))).toEqual([
      'AFNetworking 4.0.1 -> AFNetworking/NSURLSession 4.0.1',
      'MyFork 2.0.0 -> GoogleUtilities/NSData+zlib 7.5.2',
      'ios - -> AFNetworking 4.0.1',
      'ios - -> Archive 3.0',
      'ios - -> Local 1.0',
      'ios - -> MyFork 2.0.0',
      'ios - -> Private 1.0.0',
      'ios - -> React-Core 0.70.0',
      'ios - -> React-jsi 0.70.0',
    ])
  })

  it('makes one component of a local pod and its subspecs, and keeps pods of one folder apart', () => {
    const local = cleanProject(read(TEXT)).components.filter(({ origin }) => origin === 'path')
    expect(local.map(({ ref, name }) => [ref, name])).toEqual([
      ['path:node_modules/react-native#React-Core', 'React-Core'],
      ['path:node_modules/react-native#React-jsi', 'React-jsi'],
      ['path:Local', 'Local'],
    ])
  })

  it('says when a local pod lies outside', () => {
    const result = read(TEXT, 'Podfile.lock')
    expect(component(onlyProject(result), 'Local').ref).toBe('path:../Local')
    expect(result.problems.map(({ line, severity }) => [line, severity])).toEqual([
      [9, 'warning'],
      [11, 'warning'],
      [12, 'warning'],
      [13, 'warning'],
    ])
  })

  it.each([
    ['without pods', 'DEPENDENCIES:\n  - A\n', 1],
    ['that is cut off', 'PODS:\n  - "A (1.0)\n', 3],
    ['with a merge conflict', 'PODS:\n  - A (1.0)\n<<<<<<< HEAD\n  - B (1.0)\n', 3],
  ])('%s is an error with its line', (_, text, line) => {
    expect(read(text)).toMatchObject({ projects: [], problems: [{ severity: 'error', line }] })
  })
})
