import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Bom, Component } from '../../../src/lib/lint/bom/index.ts'
import { dependencyPaths, findComponents } from '../../../src/lib/lint/graph/index.ts'

function component(name: string, rest: Partial<Component> = {}): Component {
  return { ref: name, type: 'library', name, origin: 'registry', scope: 'required', ...rest }
}

function graph(edges: Readonly<Record<string, readonly string[]>>, primary?: string): Bom {
  const names = [...new Set([...Object.keys(edges), ...Object.values(edges).flat()])].sort()
  return {
    document: { name: 'test', authors: [], tools: [], lifecycles: [] },
    primary,
    components: names.map((name) => component(name)),
    dependencies: new Map(
      names.map((name) => [name, { on: [...(edges[name] ?? [])].sort(), completeness: 'complete' }]),
    ),
    extractedLicenses: [],
  }
}

/** Every simple path, by trying everything. */
function allPaths(bom: Bom, from: string, to: string, before: readonly string[] = []): string[][] {
  const path = [...before, from]
  if (from === to) return [path]
  return (bom.dependencies.get(from)?.on ?? [])
    .filter((next) => !path.includes(next))
    .flatMap((next) => allPaths(bom, next, to, path))
}

const anyGraph = fc.array(fc.tuple(fc.nat(7), fc.nat(7)), { maxLength: 20 }).map((pairs) => {
  const edges: Record<string, string[]> = { n0: [], n7: [] }
  for (const [from, to] of pairs) {
    const list = edges[`n${from}`] ?? []
    edges[`n${from}`] = list
    if (from !== to && !list.includes(`n${to}`)) list.push(`n${to}`)
  }
  return graph(edges, 'n0')
})

describe('the paths to a component', () => {
  it('are all that there are, the shortest first', () => {
    fc.assert(
      fc.property(anyGraph, (bom) => {
        const expected = allPaths(bom, 'n0', 'n7')
        if (expected.length === 0) return
        const { paths, more } = dependencyPaths(bom, 'n7', { maxPaths: 100_000 })
        expect(more).toBe(false)
        expect(paths.map(String).toSorted()).toEqual(expected.map(String).toSorted())
        const lengths = paths.map((path) => path.length)
        expect(lengths).toEqual(lengths.toSorted((a, b) => a - b))
      }),
      { numRuns: 500 },
    )
  })

  it('are the first of all when fewer are asked for', () => {
    fc.assert(
      fc.property(anyGraph, fc.integer({ min: 1, max: 4 }), (bom, maxPaths) => {
        const expected = allPaths(bom, 'n0', 'n7')
          .map((path) => path.length)
          .sort((a, b) => a - b)
        if (expected.length === 0) return
        const { paths, more } = dependencyPaths(bom, 'n7', { maxPaths })
        expect(paths.map((path) => path.length)).toEqual(expected.slice(0, maxPaths))
        expect(more).toBe(expected.length > maxPaths)
      }),
    )
  })

  it('begin where nothing depends on, when the document is about something else or about nothing', () => {
    const bom = graph({ app: ['a'], tool: ['b'], b: ['c'] }, 'app')
    expect(dependencyPaths(bom, 'c').paths).toEqual([['tool', 'b', 'c']])
    expect(dependencyPaths({ ...bom, primary: undefined }, 'c').paths).toEqual([['tool', 'b', 'c']])
  })

  it('are none for what nothing depends on, and for a ring that nothing leads into', () => {
    const bom = graph({ app: [], x: ['y'], y: ['x'] }, 'app')
    expect(dependencyPaths(bom, 'app')).toEqual({ paths: [], more: false })
    expect(dependencyPaths(bom, 'x')).toEqual({ paths: [], more: false })
  })

  it('are found in a graph that has more of them than atoms', () => {
    const edges: Record<string, string[]> = {}
    for (let i = 0; i < 100; i += 1)
      for (const side of ['a', 'b']) edges[`${side}${i}`] = [`a${i + 1}`, `b${i + 1}`]
    const before = performance.now()
    const { paths, more } = dependencyPaths(graph(edges, 'a0'), 'a100', { maxPaths: 5 })
    expect(paths).toHaveLength(5)
    expect(more).toBe(true)
    expect(performance.now() - before).toBeLessThan(5000)
  })

  it('are found where almost all partial paths are dead ends, within bounded memory', () => {
    const others = Array.from({ length: 700 }, (_, i) => `c${i}`)
    const edges: Record<string, string[]> = { app: ['gate'], gate: ['target', ...others] }
    for (const name of others) edges[name] = ['gate', ...others.filter((other) => other !== name)]
    const before = performance.now()
    expect(dependencyPaths(graph(edges, 'app'), 'target')).toEqual({
      paths: [['app', 'gate', 'target']],
      more: true,
    })
    expect(performance.now() - before).toBeLessThan(20_000)
  })

  it('are found through a chain of thousands', () => {
    const edges: Record<string, string[]> = {}
    for (let i = 0; i < 3000; i += 1) edges[`n${i}`] = [`n${i + 1}`]
    expect(dependencyPaths(graph(edges, 'n0'), 'n3000').paths.map(({ length }) => length)).toEqual([3001])
  })
})

describe('words for a component', () => {
  const bom: Bom = {
    ...graph({}),
    components: [
      component('pkg:npm/%40a/ms@1.0.0', { purl: 'pkg:npm/%40a/ms@1.0.0', name: '@a/ms', version: '1.0.0' }),
      component('pkg:npm/ms@1.0.0', { purl: 'pkg:npm/ms@1.0.0', name: 'ms', version: '1.0.0' }),
      component('pkg:npm/ms@2.0.0?x=1', { purl: 'pkg:npm/ms@2.0.0?x=1', name: 'ms', version: '2.0.0' }),
      component('path:.', { name: 'app' }),
      component('broken', { purl: 'pkg:', name: 'broken' }),
    ],
  }

  it.each([
    ['ms', ['pkg:npm/ms@1.0.0', 'pkg:npm/ms@2.0.0?x=1']],
    ['ms@2.0.0', ['pkg:npm/ms@2.0.0?x=1']],
    ['@a/ms', ['pkg:npm/%40a/ms@1.0.0']],
    ['@a/ms@1.0.0', ['pkg:npm/%40a/ms@1.0.0']],
    ['pkg:npm/ms', ['pkg:npm/ms@1.0.0', 'pkg:npm/ms@2.0.0?x=1']],
    ['pkg:npm/ms@2.0.0', ['pkg:npm/ms@2.0.0?x=1']],
    ['pkg:npm/ms?x=1', ['pkg:npm/ms@2.0.0?x=1']],
    ['pkg:npm/ms?x=2', []],
    ['pkg:npm/@a/ms', ['pkg:npm/%40a/ms@1.0.0']],
    ['pkg:pypi/ms', []],
    ['path:.', ['path:.']],
    ['app', ['path:.']],
    ['pkg:', ['broken']],
    ['', []],
  ])('%s', (words, refs) => {
    expect(findComponents(bom, words).map(({ ref }) => ref)).toEqual(refs)
  })
})
