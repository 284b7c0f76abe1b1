import { describe, expect, it } from 'vitest'
import { MemoryFiles, READERS, type ReadResult } from '../../../src/lib/lint/readers/index.ts'
import { conformancePath } from '../../support/conformance.ts'
import { textAt } from './lock-text.ts'

const data = conformancePath('lint', 'lockfiles')

const PATHS: Readonly<Record<string, string>> = {
  cargo: 'Cargo.lock',
  'cargo-toml': 'Cargo.toml',
  go: 'go.mod',
  poetry: 'poetry.lock',
  uv: 'uv.lock',
  pdm: 'pdm.lock',
  pylock: 'pylock.toml',
  pipenv: 'Pipfile.lock',
  requirements: 'requirements.txt',
  pyproject: 'pyproject.toml',
}

async function read(id: string, text: string | Uint8Array): Promise<ReadResult> {
  const path = PATHS[id] ?? ''
  const reader = await READERS.find((entry) => entry.id === id && entry.claims(path))?.load()
  if (reader === undefined) throw new Error(`no reader ${id}`)
  return reader.read(path, new MemoryFiles({ [path]: text }))
}

const HOSTILE: readonly (readonly [name: string, text: string])[] = [
  ['nothing', ''],
  ['a null', '\0'],
  ['half a surrogate pair', '\ud800'],
  ['a list in a list, 100,000 deep', `a = ${'['.repeat(100_000)}`],
  ['a table in a table, 100,000 deep', `${'{"a":'.repeat(100_000)}`],
  ['a key of 100,000 parts', `${'a.'.repeat(100_000)}a = 1`],
  ['the prototype as a table', '[__proto__]\npolluted = "yes"\n[constructor.prototype]\npolluted = "yes"\n'],
  ['the prototype in JSON', '{"__proto__":{"polluted":"yes"},"default":{"__proto__":{"version":"==1"}}}'],
  [
    'packages of the wrong kind',
    'version = 1\npackage = 7\npackages = [1, "x", {}, {name = 3, version = 4}, {name = "a", version = "1", dependencies = 5, files = 6, wheels = 7}]\n',
  ],
  [
    'a package with wrong fields',
    '[[package]]\nname = "a"\nversion = "1"\nsource = 3\ndependencies = [1, {}, {name = 2}]\nextras = 4\ngroups = "x"\nfiles = [{hash = 1}, 2]\nsdist = "x"\n',
  ],
  [
    'a name that is none',
    '[[package]]\nname = "/"\nversion = "1"\n[[packages]]\nname = " "\nversion = "1"\n',
  ],
  ['a hundred thousand lines that are nothing', '?\n'.repeat(100_000)],
]

describe.each(Object.keys(PATHS))('the reader %s', (id) => {
  it.each(HOSTILE)('survives %s', async (_, text) => {
    const { projects, problems } = await read(id, text)
    for (const { path, message } of problems) {
      expect(path).toBe(PATHS[id])
      expect(message).not.toBe('')
    }
    for (const problem of problems.filter(({ severity }) => severity === 'error'))
      expect(problem.line).toBeGreaterThan(0)
    for (const { root, components } of projects) expect(components).not.toContain(root)
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false)
  })
})

const WHOLE: Readonly<Record<string, string>> = {
  cargo: 'real/ripgrep/Cargo.lock',
  'cargo-toml': 'real/ripgrep/Cargo.toml',
  go: 'trivy/gomod/go.mod',
  poetry: 'syft/python/poetry/simple-deps/poetry.lock',
  uv: 'trivy/uv/uv.lock',
  pdm: 'scalibr/python/pdmlock/dev-dependency.toml',
  pylock: 'scalibr/python/pylock/example.toml',
  pipenv: 'scalibr/python/pipfilelock/two-packages.json',
  requirements: 'syft/python/requires/requirements.txt',
  pyproject: 'real/poetry/pyproject.toml',
}

describe.runIf(data !== undefined).each(Object.entries(WHOLE))('the reader %s', (id, file) => {
  it('survives a file that ends anywhere', async () => {
    const text = textAt(`${data}/${file}`)
    const whole = await read(id, text)
    const names = new Set(whole.projects.flatMap(({ components }) => components.map(({ name }) => name)))
    expect(names.size).toBeGreaterThan(0)
    for (let part = 0; part < 60; part += 1) {
      const { projects, problems } = await read(id, text.slice(0, (text.length * part) / 60))
      expect(projects.length + problems.length).toBeGreaterThan(0)
      for (const { components } of projects) for (const { ref } of components) expect(ref).not.toBe('')
      for (const problem of problems.filter(({ severity }) => severity === 'error'))
        expect(problem.line).toBeGreaterThan(0)
    }
  })
})
