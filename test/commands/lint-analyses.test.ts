/** What scripts and pipes see of lint diff, merge, score, why and licenses: stdout, stderr and exit codes. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type AivResult, aiv, temporaryFolder } from '../support/aiv.ts'
import { prepareInventories } from '../support/lint-workplace.ts'

function workplace(): string {
  const cwd = temporaryFolder()
  prepareInventories({ folder: cwd })
  writeFileSync(join(cwd, 'same.cdx.json'), readFileSync(join(cwd, 'new.cdx.json')))
  writeFileSync(join(cwd, 'broken.json'), '{"bomFormat": ')
  writeFileSync(join(cwd, 'other.json'), '{"some": "thing"}')
  writeFileSync(join(cwd, 'empty.json'), '')
  return cwd
}

async function lint(words: string, input?: string): Promise<AivResult> {
  const cwd = workplace()
  return await aiv(['lint', ...words.split(' ')], input === undefined ? { cwd } : { cwd, input })
}

describe('exit codes', () => {
  it.each([
    ['diff new.cdx.json same.cdx.json', 0],
    ['diff old.spdx.json new.cdx.json', 1],
    ['diff old.spdx.json new.cdx.json --fail-on none', 0],
    ['diff old.spdx.json new.cdx.json --fail-on scope', 0],
    ['diff old.spdx.json new.cdx.json --fail-on hash', 1],
    ['diff old.spdx.json new.cdx.json --fail-on added', 1],
    ['diff old.spdx.json new.cdx.json --fail-on nonsense', 2],
    ['diff old.spdx.json absent.json', 2],
    ['diff old.spdx.json broken.json', 2],
    ['diff old.spdx.json other.json', 2],
    ['diff old.spdx.json empty.json', 2],
    ['diff - -', 2],
    ['score new.cdx.json', 0],
    ['score new.cdx.json --min 6.87', 0],
    ['score new.cdx.json --min 6.88', 1],
    ['score new.cdx.json --min 11', 2],
    ['score new.cdx.json --min good', 2],
    ['score new.cdx.json --profile nothing', 2],
    ['why ms new.cdx.json', 0],
    ['why nothing new.cdx.json', 1],
    ['licenses new.cdx.json', 0],
    ['licenses new.cdx.json --allow MIT', 1],
    ['licenses new.cdx.json --allow MIT --unknown ignore', 0],
    ['licenses new.cdx.json --deny MIT --unknown ignore', 1],
    ['licenses new.cdx.json --allow Apache', 2],
    ['merge old.spdx.json new.cdx.json', 0],
    ['merge old.spdx.json broken.json', 2],
    ['merge old.spdx.json new.cdx.json -o cdx-json=one.json --output spdx-json=./one.json', 2],
    ['merge - -', 2],
    ['convert new.cdx.json -o spdx-tv=made/deep/new.spdx', 0],
    ['convert .', 2],
  ])('aiv lint %s: %i', async (words, code) => {
    const result = await lint(words)
    expect(result.code, result.stdout + result.stderr).toBe(code)
    if (code === 2) expect(result.stdout).toBe('')
  })
})

describe('a pipe', () => {
  it('carries a document from one command to the next', async () => {
    const merged = await lint('merge old.spdx.json new.cdx.json --format cdx-json')
    expect(JSON.parse(merged.stdout)).toMatchObject({ bomFormat: 'CycloneDX' })
    expect(merged.stderr).toContain('differ in the hash')
    const why = await lint('why ms -', merged.stdout)
    expect(why.stdout).toContain('shop@1.1.0 > debug@4.3.7 > ms@2.1.2')
    const score = await lint('score', merged.stdout)
    expect(score.stdout).toMatch(/^\d\.\d\d of 10, grade/)
  })

  it('that is empty is no project', async () => {
    const { code, stdout, stderr } = await lint('licenses', '')
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr).toContain('stdin is empty')
  })
})

describe('a project in place of a document', () => {
  it('is read, so that a document can be held against its lockfile', async () => {
    const { stdout, code } = await lint('diff new.cdx.json package-lock.json --json')
    const { added, removed, changed } = JSON.parse(stdout)
    expect(code).toBe(1)
    expect(added).toEqual([])
    expect(removed.map(({ name }: { name: string }) => name)).toEqual(['colors', 'debug'])
    expect(changed.map(({ after }: { after: { version: string } }) => after.version)).toEqual(
      expect.arrayContaining(['2.1.3']),
    )
  })

  it('of which a part cannot be read is told, and never passes', async () => {
    const folder = temporaryFolder()
    prepareInventories({ folder })
    writeFileSync(join(folder, 'Cargo.lock'), '[[package]\n')
    for (const words of ['licenses . --deny GPL-3.0-only --unknown ignore', 'score .', 'why ms .']) {
      const { code, stderr } = await aiv(['lint', ...words.split(' ')], { cwd: folder })
      expect(code).toBe(3)
      expect(stderr).toMatch(/error: Cargo\.lock:1: /)
    }
  })
})

it('the answers of merge go to stderr, because stdout carries the document', async () => {
  const { stdout, stderr } = await lint('merge old.spdx.json new.cdx.json --json')
  expect(JSON.parse(stdout)).toMatchObject({ spdxVersion: 'SPDX-2.3' })
  expect(JSON.parse(stderr)).toMatchObject({ v: 1, components: 8, conflicts: [{ field: 'hash' }] })
})

describe('a document with licenses that are made to be slow', () => {
  const expressions = {
    deep: `${'('.repeat(200_000)}MIT`,
    long: Array(40_000).fill('MIT').join(' OR '),
    odd: 'MIT '.repeat(50_000),
  }

  it.each(Object.entries(expressions))('is read, and fills no screen: %s', async (_name, expression) => {
    const folder = temporaryFolder()
    prepareInventories({ folder })
    const document = JSON.parse(readFileSync(join(folder, 'new.cdx.json'), 'utf8'))
    document.components[0].licenses = [{ expression }]
    writeFileSync(join(folder, 'hostile.cdx.json'), JSON.stringify(document))
    for (const words of [
      'licenses hostile.cdx.json',
      'score hostile.cdx.json',
      'diff new.cdx.json hostile.cdx.json',
    ]) {
      const { code, stdout, stderr } = await aiv(['lint', ...words.split(' ')], { cwd: folder })
      expect([0, 1]).toContain(code)
      expect(stdout.length + stderr.length).toBeLessThan(20_000)
    }
  })
})
