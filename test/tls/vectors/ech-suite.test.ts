import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SuiteResult } from '../../../src/lib/core/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { conformancePath } from '../../support/conformance.ts'
import { judged } from './workplace.ts'

const FOLDER = conformancePath('utls', 'chromium-ech')

/** A copy of the captures, changed. */
async function judgedWith(change: (folder: string) => void): Promise<SuiteResult> {
  const folder = temporaryFolder()
  for (const name of readdirSync(FOLDER as string)) {
    const path = join(folder, name)
    copyFileSync(join(FOLDER as string, name), path)
    const bytes = readFileSync(path)
    rmSync(path)
    writeFileSync(path, bytes)
  }
  change(folder)
  return await judged('ech', join(folder, 'ech-key.json'))
}

const bend = (name: string, at: number) => (folder: string) => {
  const bytes = readFileSync(join(folder, name))
  bytes[at] = (bytes[at] as number) ^ 1
  writeFileSync(join(folder, name), bytes)
}

describe.skipIf(FOLDER === undefined)('the ech vector suite', () => {
  it('opens the hellos of Chromium', async () => {
    const path = join(FOLDER as string, 'ech-key.json')
    expect(await judged('ech', path)).toMatchObject({ suite: 'ech', passed: 4, failed: 0, skipped: 0 })
  })

  it.each([
    ['an inner hello with another byte', bend('inner-2.bin', 100), 'raw-2.bin', /published is/],
    ['an outer hello with another byte', bend('raw-3.bin', 60), 'raw-3.bin', /does not open/],
    [
      'an inner hello that is missing',
      (folder: string) => rmSync(join(folder, 'inner-1.bin')),
      'raw-1.bin',
      /no inner-1/,
    ],
  ])('fails %s', async (_what, change, id, reason) => {
    expect(await judgedWith(change)).toMatchObject({
      passed: 3,
      failures: [{ id, reason: expect.stringMatching(reason) as string }],
    })
  })

  it.each([
    ['no list', (folder: string) => rmSync(join(folder, 'ech-configlist.bin')), /no ech-configlist/],
    ['a malformed list', bend('ech-configlist.bin', 0), /TLS structure/],
    ['no key', (folder: string) => writeFileSync(join(folder, 'ech-key.json'), '{}'), /no key/],
    ['half a key', (folder: string) => writeFileSync(join(folder, 'ech-key.json'), '{"d":"00"}'), /1 bytes/],
    ['no document', (folder: string) => writeFileSync(join(folder, 'ech-key.json'), '{'), /JSON/],
  ])('is one failure with %s', async (_what, change, reason) => {
    expect(await judgedWith(change)).toMatchObject({
      passed: 0,
      failures: [{ id: 'file', reason: expect.stringMatching(reason) as string }],
    })
  })
})
