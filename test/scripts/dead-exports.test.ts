import { describe, expect, it } from 'vitest'
import { deadExports } from '../../scripts/check-dead-exports.ts'
import { fixtureTree } from './fixture-tree.ts'

const used = "import { used, type Shape } from '../src/lib/core/a.ts'\n"

describe('the check for dead exports', () => {
  it.each([
    ['a function', 'export function dead() {}', 'dead'],
    ['an async function', 'export async function dead() {}', 'dead'],
    ['a constant', 'export const dead = 1', 'dead'],
    ['a class', 'export abstract class Dead {}', 'Dead'],
    ['an interface', 'export interface Dead {}', 'Dead'],
    ['a type', 'export type Dead = 1', 'Dead'],
    ['a list', 'const a = 1\nexport { a as dead }', 'dead'],
  ])('finds %s', (_name, code, name) => {
    expect(deadExports(fixtureTree({ 'src/lib/core/a.ts': `${code}\n` }))).toEqual([
      `src/lib/core/a.ts: nothing imports ${name}`,
    ])
  })

  it('is content with what another module, a test or an index imports', () => {
    const root = fixtureTree({
      'src/lib/core/a.ts': 'export const used = 1\nexport interface Shape {}\n',
      'src/lib/core/b.ts': 'export const listed = 1\nexport const renamed = 2\n',
      'src/lib/core/c.ts': 'export const starred = 1\n',
      'src/lib/core/d.ts': 'export const lazy = 1\n',
      'src/lib/core/index.ts': "export { listed, renamed as other } from './b.ts'\nexport * from './c.ts'\n",
      'src/commands/x.ts': "await import('../lib/core/d.ts')\n",
      'test/a.test.ts': used,
    })
    expect(deadExports(root)).toEqual([])
  })

  it('is content with a type that is part of an export of its own module', () => {
    const root = fixtureTree({
      'src/lib/core/a.ts': 'export interface Options {}\nexport function used(options: Options) {}\n',
      'test/a.test.ts': used,
    })
    expect(deadExports(root)).toEqual([])
  })

  it('does not take a comment or another module with the same name for a use', () => {
    const root = fixtureTree({
      'src/lib/core/a.ts': 'export const used = 1\n',
      'src/lib/link/a.ts': 'export const used = 1\n',
      'test/a.test.ts': `// ${used}import { used } from '../src/lib/link/a.ts'\n`,
    })
    expect(deadExports(root)).toEqual(['src/lib/core/a.ts: nothing imports used'])
  })
})
