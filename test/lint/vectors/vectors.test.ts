import { existsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SuiteResult, VectorSuite } from '../../../src/lib/core/index.ts'
import { loadVectorSuite, runVectors, vectorsHold } from '../../../src/lib/lint/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'

/** Passes each line `ok`, skips each `skip`, fails the rest. */
const lineSuite: VectorSuite = {
  name: 'lines',
  async run({ path, content }) {
    const lines = content.split('\n').filter((line) => line !== '')
    const failures = lines
      .filter((line) => line !== 'ok' && line !== 'skip')
      .map((id) => ({ id, reason: 'bad' }))
    const skips = lines.filter((line) => line === 'skip').map((id) => ({ id, reason: 'not for us' }))
    const passed = lines.length - failures.length - skips.length
    return {
      suite: 'lines',
      file: path,
      passed,
      failed: failures.length,
      skipped: skips.length,
      failures,
      skips,
      notes: [],
    }
  },
}

function fileWith(content: string | Uint8Array): string {
  const path = join(temporaryFolder(), 'vectors')
  writeFileSync(path, content)
  return path
}

async function judge(
  ...contents: readonly string[]
): Promise<{ hold: boolean; results: readonly SuiteResult[] }> {
  const results = await runVectors(lineSuite, contents.map(fileWith))
  return { hold: vectorsHold(results), results }
}

describe('vectors hold', () => {
  it('when each file has some that pass and none that fails', async () => {
    expect(await judge('ok\nskip\n', 'ok\nok\n')).toMatchObject({
      hold: true,
      results: [
        { passed: 1, skipped: 1 },
        { passed: 2, skipped: 0 },
      ],
    })
  })

  it.each([
    ['one failed', ['ok\nwrong\n']],
    ['a file had none', ['ok\n', '']],
    ['all were skipped', ['skip\n']],
    ['there was no file', []],
  ])('not when %s', async (_name, contents) => {
    expect((await judge(...contents)).hold).toBe(false)
  })
})

describe('vector files', () => {
  it.runIf(existsSync('/dev/zero'))('that do not end are too large', async () => {
    await expect(runVectors(lineSuite, ['/dev/zero'])).rejects.toMatchObject({ code: 'E_TOO_LARGE' })
  })

  it('that cannot be read are unreadable input', async () => {
    for (const path of ['/nonexistent', temporaryFolder(), fileWith(Uint8Array.of(0xff, 0xfe))]) {
      await expect(runVectors(lineSuite, [path])).rejects.toMatchObject({ code: 'E_INPUT' })
    }
  })
})

it('a suite that does not exist is wrong usage, and the error names those that do', async () => {
  await expect(loadVectorSuite('constructor')).rejects.toMatchObject({
    code: 'E_USAGE',
    hint: expect.stringContaining('noise'),
  })
})
