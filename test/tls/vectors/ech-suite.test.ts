import { copyFileSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SuiteResult } from '../../../src/lib/core/index.ts'
import { REPOSITORY, temporaryFolder } from '../../support/aiv.ts'
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

describe('vectors of HPKE in the ech suite', () => {
  const vectors = JSON.parse(readFileSync(join(REPOSITORY, 'fixtures/hpke/rfc9180.json'), 'utf8')) as Record<
    string,
    unknown
  >[]
  const judgedAs = async (document: unknown): Promise<SuiteResult> => {
    const path = join(temporaryFolder(), 'hpke.json')
    writeFileSync(path, JSON.stringify(document))
    return await judged('ech', path)
  }

  it('are those of RFC 9180, and others are left out', async () => {
    const others = [{ mode: 1 }, { kem_id: 16 }, { kdf_id: 3 }, { aead_id: 65_535 }]
    const document = [...vectors, ...others.map((other) => ({ ...vectors[0], ...other }))]
    expect(await judgedAs(document)).toMatchObject({ passed: 2, failed: 0, skipped: 4 })
  })

  it.each([
    ['enc', { enc: '00' }, /published is 00/],
    ['a ciphertext', { encryptions: [{ aad: '', pt: '', ct: '00' }] }, /published is 00/],
    ['a sequence that goes back', { encryptions: [{ sequence: -1, aad: '', pt: '', ct: '' }] }, /sequence/],
    ['a sequence without end', { encryptions: [{ sequence: 1e9, aad: '', pt: '', ct: '' }] }, /sequence/],
    ['no encryptions', { encryptions: [] }, /without encryptions/],
    ['no key', { skEm: 7 }, /without skEm/],
  ])('fail with another %s', async (_what, change, reason) => {
    expect(await judgedAs([{ ...vectors[0], ...change }])).toMatchObject({
      passed: 0,
      failures: [{ id: 'hpke 1', reason: expect.stringMatching(reason) as string }],
    })
  })
})
