import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { manifestText, staleManifest } from '../../scripts/manifest.ts'
import { REPOSITORY } from '../support/aiv.ts'
import { fixtureTree } from './fixture-tree.ts'

const command = (summary: string): string =>
  `export default class { static summary = '${summary}'; static run() {} }\n`

function fixturePackage(files: Readonly<Record<string, string>> = {}): string {
  return fixtureTree({
    'package.json': JSON.stringify({
      name: 'fixture',
      version: '1.2.3',
      type: 'module',
      oclif: { bin: 'aiv', commands: './commands' },
    }),
    'commands/b.js': command('second'),
    'commands/a/c.js': command('first'),
    ...files,
  })
}

describe('the manifest', () => {
  it('has every command with its summary, in one order', async () => {
    const manifest = JSON.parse(await manifestText(fixturePackage())) as { commands: Record<string, unknown> }
    expect(Object.keys(manifest.commands)).toEqual(['a:c', 'b'])
    expect(manifest).toMatchObject({ version: '1.2.3', commands: { b: { summary: 'second' } } })
  })

  it('keeps the arguments of a command in the order in which they are typed', async () => {
    const args = "static args = { before: { name: 'before' }, after: { name: 'after' } }"
    const text = `export default class { ${args}; static run() {} }\n`
    const manifest = JSON.parse(await manifestText(fixturePackage({ 'commands/b.js': text }))) as {
      commands: Record<string, { args: object }>
    }
    expect(Object.keys(manifest.commands.b?.args ?? {})).toEqual(['before', 'after'])
  })

  it('is the same text each time', async () => {
    expect(await manifestText(fixturePackage())).toBe(await manifestText(fixturePackage()))
  })

  it('is stale when it is missing or when a command has changed', async () => {
    expect(await staleManifest(fixturePackage())).toContain('missing')
    const fresh = { 'oclif.manifest.json': await manifestText(fixturePackage()) }
    expect(await staleManifest(fixturePackage(fresh))).toBeUndefined()
    expect(await staleManifest(fixturePackage({ ...fresh, 'commands/b.js': command('changed') }))).toContain(
      'not what',
    )
  })

  it('names no folder of the machine that wrote it', () => {
    expect(readFileSync(join(REPOSITORY, 'oclif.manifest.json'), 'utf8')).not.toContain(REPOSITORY)
  })
})
