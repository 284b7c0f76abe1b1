import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { expect, it } from 'vitest'
import { scanProject } from '../../../src/lib/lint/scan/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { makeElf } from '../../support/executables.ts'

const PACKAGES = [
  { name: 'app', version: '1.2.3', source: 'local', root: true, dependencies: [1, 2] },
  { name: 'serde', version: '1.0.0', source: 'crates.io' },
  { name: 'sibling', version: '0.1.0', source: 'local' },
]

function program(folder: string): string {
  mkdirSync(join(folder, 'bin'))
  const path = join(folder, 'bin', 'app')
  writeFileSync(
    path,
    makeElf([{ name: '.dep-v0', data: deflateSync(JSON.stringify({ packages: PACKAGES })) }]),
  )
  return path
}

it('a program that is named itself is what the document is about', async () => {
  const { bom, problems } = await scanProject(program(temporaryFolder()))
  expect(problems).toEqual([])
  expect(bom.document).toMatchObject({ name: 'app@1.2.3', lifecycles: ['post-build'] })
  expect(bom.primary).toBe('path:.')
  expect(bom.components.map(({ ref, name }) => [ref, name])).toEqual([
    ['path:.', 'app'],
    ['path:.#sibling@0.1.0', 'sibling'],
    ['pkg:cargo/serde@1.0.0', 'serde'],
  ])
  expect(bom.dependencies.get('path:.')?.on).toEqual(['path:.#sibling@0.1.0', 'pkg:cargo/serde@1.0.0'])
})

it('a program in a folder is a part of the project, and is read only when asked for', async () => {
  const folder = temporaryFolder()
  program(folder)
  const without = await scanProject(folder)
  expect(without.inputs).toEqual([])
  const { bom, inputs } = await scanProject(folder, { binaries: true })
  expect(inputs).toEqual(['bin/app'])
  expect(bom.dependencies.get('path:.')?.on).toEqual(['path:bin/app'])
  expect(bom.dependencies.get('path:bin/app')?.on).toEqual([
    'path:bin/app#sibling@0.1.0',
    'pkg:cargo/serde@1.0.0',
  ])
})
