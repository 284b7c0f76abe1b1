/** A function takes some hundred thousand arguments at most: lists of a hostile size must not become arguments. */
import { describe, expect, it } from 'vitest'
import { licenseLines } from '../../../src/lib/cli/lint/license-text.ts'
import type { Bom, Component } from '../../../src/lib/lint/bom/index.ts'
import { diffBoms } from '../../../src/lib/lint/diff/index.ts'
import { MemoryFiles, READERS } from '../../../src/lib/lint/readers/index.ts'

const MANY = 300_000

async function problemsOf(reader: string, path: string, text: string): Promise<number> {
  const loaded = await READERS.find(({ id }) => id === reader)?.load()
  return loaded?.read(path, new MemoryFiles({ [path]: text })).problems.length ?? 0
}

function component(index: number): Component {
  const name = `c${index}`
  return { ref: name, type: 'library', name, version: '1', origin: 'document', scope: 'required' }
}

function bom(): Bom {
  return {
    document: { name: 'test', authors: [], tools: [], lifecycles: [] },
    components: Array.from({ length: MANY }, (_, index) => component(index)),
    dependencies: new Map(),
    extractedLicenses: [],
  }
}

describe('hundreds of thousands', () => {
  it('of problems in one file are all told', { timeout: 60_000 }, async () => {
    const yarn = `# yarn lockfile v1\n\n${'a:\n'.repeat(MANY)}`
    expect(await problemsOf('yarn', 'yarn.lock', yarn)).toBeGreaterThan(100_000)
    const cargo = `version = 4\n${'[[package]]\nname = "a"\nversion = ""\n'.repeat(MANY)}`
    expect(await problemsOf('cargo', 'Cargo.lock', cargo)).toBeGreaterThan(0)
  })

  it('of components are compared', { timeout: 60_000 }, () => {
    expect(diffBoms(bom(), bom())).toMatchObject({ added: [], removed: [], changed: [] })
  })

  it('of different licenses are listed', () => {
    const judged = bom().components.map((item) => ({
      component: item,
      declared: item.name,
      concluded: undefined,
      license: item.name,
      verdict: 'accepted' as const,
    }))
    expect(licenseLines({ judged, unused: [] }, [])).toHaveLength(MANY + 2)
  })
})
