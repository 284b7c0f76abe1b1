import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { SuiteResult, VectorSuite } from '../../src/lib/core/index.ts'
import { loadVectorSuite, runVectors, vectorsHold } from '../../src/lib/lint/index.ts'
import { aiv, temporaryFolder } from '../support/aiv.ts'
import { conformancePath } from '../support/conformance.ts'

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

describe('aiv lint vectors', () => {
  const noise = conformancePath('htx', 'noise', 'cacophony.25519_ChaChaPoly_SHA256+BLAKE2s.json')

  it.skipIf(noise === undefined)('replays published Noise vectors and exits with 0', async () => {
    const { code, stdout } = await aiv(['lint', 'vectors', '--suite', 'noise', '--json', noise as string])
    expect(code).toBe(0)
    expect(JSON.parse(stdout)).toMatchObject([{ v: 1, suite: 'noise', file: noise, failed: 0 }])
    expect((JSON.parse(stdout) as { passed: number }[])[0]?.passed).toBeGreaterThan(0)
  })

  const varint = conformancePath('htx', 'varint.json')

  it.skipIf(varint === undefined)('replays the HTX vectors and exits with 0', async () => {
    const { code, stdout } = await aiv(['lint', 'vectors', '--suite', 'htx', varint as string])
    expect({ code, stdout }).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/: [1-9]\d* passed, 0 failed/),
    })
  })

  it('exits with 1 on a file without vectors, and says why', async () => {
    const { code, stdout } = await aiv(['lint', 'vectors', '--suite', 'noise', fileWith('{}')])
    expect(code).toBe(1)
    expect(stdout).toMatch(/: 0 passed, 1 failed, 0 skipped\n {2}FAILED {2}\S/)
  })

  it('exits with 2 on a file that cannot be read', async () => {
    expect(await aiv(['lint', 'vectors', '--suite', 'noise', '/nonexistent'])).toMatchObject({
      code: 2,
      stdout: '',
    })
  })
})
