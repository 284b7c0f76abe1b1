import { describe, expect, it } from 'vitest'
import { component, describeIn } from './described.ts'

describe('a package that names nobody, or is not installed', () => {
  it.each([
    ['npm', '@biomejs/cli-darwin-arm64', 'biomejs'],
    ['composer', 'symfony/console', 'symfony'],
    ['github', 'actions/checkout', 'actions'],
    ['maven', 'org.apache.commons:commons-lang3', 'org.apache.commons'],
    ['golang', 'github.com/pkg/errors', 'pkg'],
    ['swift', 'github.com/apple/swift-nio', 'apple'],
  ])('of %s is supplied by the owner of its namespace: %s', (type, name, owner) => {
    const given = component(type, name, '1.0.0')
    expect(describeIn({}, given)).toEqual({
      ...given,
      supplier: { kind: 'organization', name: owner },
      properties: { 'aiv:supplier:from': 'namespace' },
    })
  })

  it('fetched with git from a host that has owners is supplied by the owner', () => {
    const given = component('swift', 'swift-nio', '2.0.0', {
      purl: 'pkg:swift/github.com/apple/swift-nio@2.0.0',
      origin: 'git',
    })
    expect(describeIn({}, given).supplier?.name).toBe('apple')
  })

  it.each([
    ['npm', 'left'],
    ['pypi', 'requests'],
    ['cargo', 'serde'],
    ['golang', 'golang.org/x/net'],
  ])('of %s has no supplier where anybody may publish under such a name: %s', (type, name) => {
    const given = component(type, name, '1.0.0')
    expect(describeIn({}, given)).toBe(given)
  })

  it('that comes from elsewhere, or has a supplier, keeps what it has', () => {
    const git = component('npm', '@scope/left', '1.0.0', { origin: 'git' })
    expect(describeIn({}, git)).toBe(git)
    const known = component('npm', '@scope/left', '1.0.0', { supplier: { kind: 'person', name: 'Ada' } })
    expect(describeIn({}, known)).toBe(known)
  })

  it('is supplied by the owner of its repository first', () => {
    const manifest = '{"name":"@types/left","version":"1.0.0","repository":"DefinitelyTyped/DefinitelyTyped"}'
    const files = { 'node_modules/@types/left/package.json': manifest }
    expect(describeIn(files, component('npm', '@types/left', '1.0.0'))).toMatchObject({
      supplier: { name: 'DefinitelyTyped' },
      properties: { 'aiv:supplier:from': 'repository' },
    })
  })
})
