import { describe, expect, it } from 'vitest'
import type { BomDocument, Component } from '../../../src/lib/lint/bom/index.ts'
import type { ReadProject } from '../../../src/lib/lint/readers/index.ts'
import { assemble } from '../../../src/lib/lint/scan/assemble.ts'
import { omitScopes } from '../../../src/lib/lint/scan/omit-scopes.ts'

const DOCUMENT: BomDocument = { name: 'x', authors: [], tools: [], lifecycles: [] }

function component(ref: string, more: Partial<Component> = {}): Component {
  return { ref, type: 'library', name: ref, origin: 'registry', scope: 'required', ...more }
}

function project(
  ref: string,
  edges: readonly (readonly [string, string])[],
  more: Partial<ReadProject> = {},
) {
  const refs = new Set(edges.flat().filter((other) => other !== ref))
  return { root: component(ref), components: [...refs].map((other) => component(other)), edges, ...more }
}

describe('a bill of materials of several projects', () => {
  it('hangs every project on the component at the top, but not one that another contains', () => {
    const bom = assemble(
      [
        project('path:.', [['path:.', 'path:member']]),
        project('path:member', [['path:member', 'pkg:npm/a@1']]),
        project('path:fuzz', [['path:fuzz', 'pkg:cargo/b@1']]),
      ],
      {},
      DOCUMENT,
    )
    expect(bom.primary).toBe('path:.')
    expect(bom.dependencies.get('path:.')?.on).toEqual(['path:fuzz', 'path:member'])
    expect(bom.components.map(({ ref }) => ref)).toEqual([
      'path:.',
      'path:fuzz',
      'path:member',
      'pkg:cargo/b@1',
      'pkg:npm/a@1',
    ])
  })

  it('has one component for a package in two lockfiles, with the stronger scope and the edges of both', () => {
    const a = project('path:a', [
      ['path:a', 'pkg:npm/x@1'],
      ['pkg:npm/x@1', 'pkg:npm/y@1'],
    ])
    const b = project('path:b', [
      ['path:b', 'pkg:npm/x@1'],
      ['pkg:npm/x@1', 'pkg:npm/y@2'],
    ])
    const dev = { ...a, components: a.components.map((other) => ({ ...other, scope: 'dev' as const })) }
    const bom = assemble([dev, b], {}, DOCUMENT)
    expect(bom.components.filter(({ ref }) => ref === 'pkg:npm/x@1')).toMatchObject([{ scope: 'required' }])
    expect(bom.dependencies.get('pkg:npm/x@1')?.on).toEqual(['pkg:npm/y@1', 'pkg:npm/y@2'])
  })

  it('knows the dependencies of a package in full when one file does, and those of the top when all do', () => {
    const unknown = new Map([
      ['pkg:pypi/a@1', 'unknown'],
      ['path:.', 'incomplete'],
    ] as const)
    const list = project('path:.', [['path:.', 'pkg:pypi/a@1']], { incomplete: unknown })
    const full = project('path:.', [['path:.', 'pkg:pypi/a@1']])
    for (const projects of [
      [list, full],
      [full, list],
    ]) {
      const { dependencies } = assemble(projects, {}, DOCUMENT)
      expect(dependencies.get('pkg:pypi/a@1')?.completeness).toBe('complete')
      expect(dependencies.get('path:.')?.completeness).toBe('incomplete')
    }
  })

  it('takes its name from the project at the top that knows its version, before one that does not', () => {
    const hex = { ...project('path:.', []), root: component('path:.', { name: 'from_mix' }) }
    const npm = { ...project('path:.', []), root: component('path:.', { name: 'from-npm', version: '1.0' }) }
    const bom = assemble([hex, npm], {}, DOCUMENT)
    expect(bom.components[0]).toMatchObject({ name: 'from-npm', version: '1.0' })
  })

  it('takes the name that the user gives, which is then no longer the package of the manifest', () => {
    const root = component('path:.', { name: 'a', version: '1', purl: 'pkg:npm/a@1' })
    const bom = assemble([{ root, components: [], edges: [] }], { name: 'b' }, DOCUMENT)
    expect(bom.components[0]).toMatchObject({ name: 'b', version: '1', purl: undefined })
  })

  it('is about a component without a name when nothing gives one, and not about the folder', () => {
    expect(assemble([], {}, DOCUMENT).components).toMatchObject([{ ref: 'path:.', name: 'project' }])
  })
})

describe('what is left out on request', () => {
  it('is gone from components and edges, and a list that lost something is no longer complete', () => {
    const bom = assemble(
      [
        {
          root: component('path:.'),
          components: [component('pkg:npm/a@1'), component('pkg:npm/b@1', { scope: 'dev' })],
          edges: [
            ['path:.', 'pkg:npm/a@1'],
            ['path:.', 'pkg:npm/b@1'],
            ['pkg:npm/b@1', 'pkg:npm/a@1'],
          ],
        },
      ],
      {},
      DOCUMENT,
    )
    const less = omitScopes(bom, ['dev'])
    expect(less.components.map(({ ref }) => ref)).toEqual(['path:.', 'pkg:npm/a@1'])
    expect([...less.dependencies]).toEqual([
      ['path:.', { on: ['pkg:npm/a@1'], completeness: 'incomplete' }],
      ['pkg:npm/a@1', { on: [], completeness: 'complete' }],
    ])
  })
})
