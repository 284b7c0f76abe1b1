import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aiv, temporaryFolder } from '../support/aiv.ts'

interface Listed {
  readonly id: string
  readonly browser: string
  readonly versions: { readonly first: number; readonly last: number }
  readonly trial: string | null
}

async function json(...args: readonly string[]): Promise<Record<string, unknown>> {
  return JSON.parse((await aiv(['utls', 'template', ...args, '--json'])).stdout) as Record<string, unknown>
}

describe('aiv utls template list', () => {
  it('has every version from the oldest to the newest of Chrome', async () => {
    const listed = (await json('list')).templates as readonly Listed[]
    const chrome = listed.filter(({ browser, trial }) => browser === 'chrome' && trial === null)
    for (let major = 72; major <= 156; major++)
      expect(
        chrome.some(({ versions: { first, last } }) => first <= major && major <= last),
        String(major),
      ).toBe(true)
    expect(listed.map(({ id }) => id)).toEqual(expect.arrayContaining(['firefox-153', 'chrome-133-anchors']))
  })

  it('shows people a table', async () => {
    const { code, stdout } = await aiv(['utls', 'template', 'list'])
    expect(code).toBe(0)
    const lines = stdout.trimEnd().split('\n')
    expect(lines[0]).toMatch(/^template +versions/)
    expect(lines).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^chrome-154 +154-156/),
        expect.stringMatching(/^firefox-153 +153/),
        expect.stringMatching(/^chrome-115-kyber +115-117 .*Kyber/),
      ]),
    )
  })
})

describe('aiv utls template show', () => {
  it('prints what reads back as the same template', async () => {
    const file = join(temporaryFolder(), 'own.json')
    const shown = await json('show', 'firefox-153')
    expect(shown).toMatchObject({ v: 1, id: 'firefox-153', extension_order: 'fixed' })
    writeFileSync(file, JSON.stringify(shown))
    expect(await json('show', file)).toEqual(shown)
    expect((await aiv(['utls', 'template', 'diff', 'firefox-153', file])).code).toBe(0)
  })

  it('names the extensions to people', async () => {
    const { stdout } = await aiv(['utls', 'template', 'show', 'chrome-154'])
    expect(stdout).toMatch(/^chrome-154: chrome 154-156\n/)
    expect(stdout).toMatch(/^ {2}000a +GREASE 11ec 001d 0017 0018$/m)
    expect(stdout).toMatch(/^ {2}ca34 +all 28 of chrome-root-store, sorted$/m)
  })

  it('does not let the words of a template speak to the terminal', async () => {
    const file = join(temporaryFolder(), 'loud.json')
    writeFileSync(file, JSON.stringify({ ...(await json('show', 'chrome-154')), source: '\u001b[2J' }))
    const { code, stdout } = await aiv(['utls', 'template', 'show', file])
    expect([code, stdout.includes('\u001b')]).toEqual([0, false])
  })

  it('has an exit code for a name that is none, and for a file that holds none', async () => {
    const file = join(temporaryFolder(), 'none.json')
    writeFileSync(file, '{}')
    expect((await aiv(['utls', 'template', 'show', 'chrome-1'])).code).toBe(2)
    const { code, stderr } = await aiv(['utls', 'template', 'show', file])
    expect(code).toBe(2)
    expect(stderr).toBe(
      `error: ${file} is no template: template: "v" is not a number from 1 to 9007199254740991. \`aiv utls template show chrome-154 --json\` prints one.\n`,
    )
  })
})

describe('aiv utls template diff', () => {
  it('says with its exit code whether the hellos are the same', async () => {
    const same = await aiv(['utls', 'template', 'diff', 'chrome-154', 'chrome-154'])
    expect([same.code, same.stdout]).toEqual([0, 'chrome-154 and chrome-154 are the same\n'])
    const other = await aiv(['utls', 'template', 'diff', 'chrome-131', 'chrome-133'])
    expect([other.code, other.stderr]).toEqual([1, ''])
  })

  // What is published of the changes: a new number of application settings with 133; ML-DSA with 150; GREASE among the
  // signature algorithms and trust anchors with 152, sorted since 154.
  it.each([
    ['chrome-131', 'chrome-133', ['extension 4469', 'extension 44cd']],
    ['chrome-133', 'chrome-150', ['extension 000d']],
    ['chrome-150', 'chrome-152', ['extension 000d', 'extension ca34']],
    ['chrome-152', 'chrome-154', ['extension ca34']],
    ['chrome-98', 'chrome-110', ['extension_order']],
  ])('names what changed from %s to %s', async (left, right, fields) => {
    const document = await json('diff', left, right)
    expect(document).toMatchObject({ v: 1, left, right })
    const differences = document.differences as readonly { readonly field: string }[]
    expect(differences.map(({ field }) => field)).toEqual(fields)
  })

  it('shows people both sides', async () => {
    const { stdout } = await aiv(['utls', 'template', 'diff', 'chrome-150', 'chrome-152'])
    expect(stdout).toContain('extension 000d\n  - 0904 0905')
    expect(stdout).toContain('\n  + GREASE 0904 0905')
    expect(stdout).toContain('extension ca34\n  + all 28 of chrome-root-store')
  })
})
