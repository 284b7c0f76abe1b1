import { describe, expect, it } from 'vitest'
import { swiftReader } from '../../../../src/lib/lint/readers/swift/reader.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { cleanProject, component, edgesOf, onlyProject, purlsOf, readAt, readTexts } from '../lock-text.ts'
import { trivyPurls } from '../trivy-golden.ts'

const data = conformancePath('lint', 'lockfiles')

describe.runIf(data !== undefined)('Package.resolved', () => {
  it('of version 1 gives what Trivy finds', () => {
    const project = cleanProject(readAt(swiftReader, `${data}/trivy/swift/Package.resolved`))
    expect(purlsOf(project)).toEqual(trivyPurls('swift/EXPECTED.swift.json'))
    expect(component(project, 'github.com/apple/swift-nio').source).toEqual({
      url: 'https://github.com/apple/swift-nio',
      revision: 'ece5057615d1bee848341eceafdf04ca54d60177',
    })
  })

  it('of version 2 has all five packages, and the project needs each', () => {
    const project = cleanProject(readAt(swiftReader, `${data}/syft/swift/Package.resolved`))
    expect(purlsOf(project)).toEqual([
      'pkg:swift/github.com/apple/swift-algorithms@1.0.0',
      'pkg:swift/github.com/apple/swift-async-algorithms@0.1.0',
      'pkg:swift/github.com/apple/swift-atomics@1.1.0',
      'pkg:swift/github.com/apple/swift-collections@1.0.4',
      'pkg:swift/github.com/apple/swift-numerics@1.0.2',
    ])
    expect(edgesOf(project)).toHaveLength(5)
  })

  it('of version 3 may pin a branch: the commit is the version', () => {
    const project = cleanProject(readAt(swiftReader, `${data}/syft/swift/PackageV3.resolved`))
    expect(purlsOf(project)).toEqual([
      'pkg:swift/github.com/apple/swift-mmio@80c109b87511041338a4d8d88064088c8dfc079b',
      'pkg:swift/github.com/apple/swift-syntax@509.1.1',
    ])
    expect(component(project, 'github.com/apple/swift-mmio').properties).toEqual({
      'aiv:swift:branch': 'swift-embedded-examples',
    })
  })
})

describe('a Package.resolved', () => {
  const read = (text: string, path = 'Package.resolved') => readTexts(swiftReader, path, { [path]: text })
  const pins = (...list: readonly object[]) => JSON.stringify({ pins: list, version: 2 })

  it('understands addresses of ssh, of registries and of folders', () => {
    const result = read(
      pins(
        {
          identity: 'a',
          kind: 'remoteSourceControl',
          location: 'git@github.com:o/a.git',
          state: { version: '1' },
        },
        {
          identity: 'b',
          kind: 'remoteSourceControl',
          location: 'ssh://u:p@git.example.org:22/o/p/b',
          state: { revision: 'c0ffee' },
        },
        { identity: 'mona.LinkedList', kind: 'registry', location: '', state: { version: '3' } },
        { identity: 'd', kind: 'localSourceControl', location: 'libs/d', state: { revision: 'c0ffee' } },
      ),
    )
    const project = cleanProject(result)
    expect(purlsOf(project)).toEqual([
      'pkg:swift/git.example.org/o/p/b@c0ffee',
      'pkg:swift/github.com/o/a@1',
      'pkg:swift/mona/LinkedList@3',
    ])
    expect(component(project, 'd')).toMatchObject({ ref: 'path:libs/d', origin: 'path' })
    expect(JSON.stringify(project.components)).not.toContain('u:p')
  })

  it('that Xcode keeps belongs to the folder of the project', () => {
    const at = (path: string) => cleanProject(read(pins(), path)).root.ref
    expect(at('app/X.xcodeproj/project.xcworkspace/xcshareddata/swiftpm/Package.resolved')).toBe('path:app')
    expect(at('X.xcworkspace/xcshareddata/swiftpm/Package.resolved')).toBe('path:.')
    expect(at('lib/Package.resolved')).toBe('path:lib')
  })

  it('leaves a pin out that names nothing', () => {
    const result = read(pins({ state: { version: '1' } }, { identity: 'x', kind: 'registry', state: {} }))
    expect(onlyProject(result).components).toEqual([])
    expect(result.problems.map(({ severity }) => severity)).toEqual(['warning', 'warning'])
  })

  it.each([
    ['of a version to come', '{"version": 4, "pins": []}', /1, 2 and 3/],
    ['without a version', '{"pins": []}', /1, 2 and 3/],
    ['that is cut off', '{"pins": [', /not JSON/],
  ])('%s is an error', (_, text, message) => {
    expect(read(text)).toMatchObject({
      projects: [],
      problems: [{ severity: 'error', line: 1, message: expect.stringMatching(message) }],
    })
  })
})
