import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { promisify } from 'node:util'
import { describe, expect, it } from 'vitest'
import { aiv, cleanEnvironment, EXECUTABLE, startAiv, temporaryFolder } from '../support/aiv.ts'
import { prepareLint } from '../support/lint-documents.ts'

function project(): string {
  const cwd = temporaryFolder()
  prepareLint({ folder: cwd })
  return cwd
}

/** One error: the document has a package URL that is none. */
function flawed(): string {
  const cwd = project()
  const path = join(cwd, 'sbom.cdx.json')
  writeFileSync(
    path,
    readFileSync(path, 'utf8').replace('"purl": "pkg:npm/left-pad@1.3.0"', '"purl": "left-pad"'),
  )
  return cwd
}

describe('aiv lint', () => {
  it('exits with 0 on a project that is in order, and says what it looked at', async () => {
    const { code, stdout } = await aiv(['lint'], { cwd: project() })
    expect({ code, stdout }).toEqual({ code: 0, stdout: '0 findings in 3 files\n' })
  })

  it('warns where there is nothing to judge', async () => {
    const { code, stderr } = await aiv(['lint'], { cwd: temporaryFolder() })
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: 'warning: there is nothing to judge: no bill of materials and no lockfile in .\n',
    })
  })

  it('exits with 1 on findings, and prints them with their place', async () => {
    const { code, stdout } = await aiv(['lint'], { cwd: flawed() })
    expect(code).toBe(1)
    expect(stdout).toMatch(/^sbom\.cdx\.json\n/)
    expect(stdout).toMatch(/\n {2}\d+:\d+ +error +SB0007 left-pad is no package URL\.\n/)
  })

  it('exits with 1 or 0 as --fail-on says', async () => {
    const cwd = flawed()
    expect((await aiv(['lint', '--fail-on', 'never'], { cwd })).code).toBe(0)
    expect((await aiv(['lint', '--fail-on', 'critical'], { cwd })).code).toBe(0)
    expect((await aiv(['lint', '--fail-on', 'warning', '--rule', 'SB0007'], { cwd })).code).toBe(1)
  })

  it.each([
    [['nope.json']],
    [['--rule', 'SB9999']],
    [['--output', 'pdf=x']],
    [['--output', 'sarif', '--output', 'json']],
    [['--baseline', 'nope.json']],
    [['--baseline-create']],
    [['--config', 'nope.yaml']],
    [['--project', 'nope']],
    [['--watch', '-']],
  ])('exits with 2 on %j', async (words) => {
    const { code, stdout } = await aiv(['lint', ...words], { cwd: project() })
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' })
  })

  it('exits with 2 on settings that are wrong, and says where', async () => {
    const cwd = project()
    writeFileSync(join(cwd, '.aiv-lint.yaml'), 'version: 1\nfail_on: error\n')
    const { code, stderr } = await aiv(['lint'], { cwd })
    expect(code).toBe(2)
    expect(stderr).toMatch(/\.aiv-lint\.yaml: .*unknown setting fail_on/)
    expect((await aiv(['lint', '--no-config'], { cwd })).code).toBe(0)
  })

  it('exits with 3 when it could not look at something', async () => {
    const cwd = project()
    mkdirSync(join(cwd, Array.from({ length: 110 }, () => 'd').join('/')), { recursive: true })
    const { code, stdout } = await aiv(['lint'], { cwd })
    expect(code).toBe(3)
    expect(stdout).toContain('not looked at: d/')
  })

  it('takes settings from the project, and flags before them', async () => {
    const cwd = flawed()
    writeFileSync(
      join(cwd, '.aiv-lint.yaml'),
      'version: 1\nfail-on: never\nsuppressions:\n  - {rule: SB0001, reason: not needed any more}\n',
    )
    const { code, stderr } = await aiv(['lint'], { cwd })
    expect(code).toBe(0)
    expect(stderr).toBe('note: the suppression of SB0001 matches nothing: take it out\n')
    expect((await aiv(['lint', '--fail-on', 'error'], { cwd })).code).toBe(1)
  })

  it('writes several reports of one run, and prints nothing when it is to be quiet', async () => {
    const cwd = flawed()
    const formats = ['text', 'json', 'sarif', 'junit', 'markdown', 'github']
    const words = formats.flatMap((format) => ['--output', `${format}=out/${format}`])
    const { code, stdout } = await aiv(['lint', '--quiet', ...words], { cwd })
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    for (const format of formats) expect(readFileSync(join(cwd, 'out', format), 'utf8')).toContain('SB0007')
  })

  it('prints another report than text when --output names no file', async () => {
    const { stdout } = await aiv(['lint', '--output', 'github'], { cwd: flawed() })
    expect(stdout).toMatch(/^::error file=sbom\.cdx\.json,line=\d+,/m)
  })

  it('prints one JSON document with --json, the same as the report json', async () => {
    const cwd = flawed()
    const { code, stdout } = await aiv(['lint', '--json', '--output', 'json=r.json'], { cwd })
    const document = JSON.parse(stdout)
    expect(document).toMatchObject({
      v: 1,
      exit_code: 1,
      fail_on: 'error',
      summary: { error: 2, critical: 0 },
    })
    expect(document.findings).toContainEqual(
      expect.objectContaining({ rule: 'SB0007', path: 'sbom.cdx.json', severity: 'error' }),
    )
    expect(JSON.parse(readFileSync(join(cwd, 'r.json'), 'utf8'))).toEqual(document)
    expect(code).toBe(1)
  })

  it('judges what stdin holds, by the name that is given for it', async () => {
    const cwd = flawed()
    const input = readFileSync(join(cwd, 'sbom.cdx.json'))
    const named = await aiv(['lint', '-', '--stdin-filename', 'x/bom.json'], { cwd, input })
    expect(named).toMatchObject({ code: 1, stdout: expect.stringMatching(/^x\/bom\.json\n/) })
    const lock = await aiv(['lint', '-', '--stdin-filename', 'package-lock.json'], { cwd, input: '{' })
    expect(lock).toMatchObject({ code: 1, stdout: expect.stringContaining('SB0032') })
  })

  it('judges what another command prints', async () => {
    const script = 'aiv lint sbom . --format cdx-json | aiv lint - && aiv lint <(aiv lint sbom .)'
    const env = { ...cleanEnvironment(temporaryFolder()), AIV: EXECUTABLE, NODE: process.execPath }
    const { stdout } = await promisify(execFile)(
      'bash',
      ['-c', `aiv() { "$NODE" "$AIV" "$@"; }; ${script}`],
      {
        cwd: project(),
        env,
      },
    )
    expect(stdout.match(/in 1 file/g)).toHaveLength(2)
  })

  it('makes, uses, updates and prunes a baseline', async () => {
    const cwd = flawed()
    const file = join(cwd, 'base.json')
    const lint = async (...words: string[]) =>
      (await aiv(['lint', '--baseline', 'base.json', ...words], { cwd })).code
    const known = () => (JSON.parse(readFileSync(file, 'utf8')) as { findings: unknown[] }).findings.length
    expect(await lint('--baseline-create')).toBe(0)
    const first = known()
    expect(first).toBeGreaterThan(0)
    expect(await lint()).toBe(0)
    expect(await lint('--baseline-create')).toBe(2)
    const document = join(cwd, 'sbom.spdx.json')
    const good = readFileSync(document, 'utf8')
    writeFileSync(document, good.replace('"WTFPL"', '"WTF PL"'))
    expect(await lint()).toBe(1)
    expect(await lint('--baseline-update')).toBe(0)
    expect(known()).toBeGreaterThan(first)
    writeFileSync(document, good)
    expect(await lint('--baseline-prune')).toBe(0)
    expect(known()).toBe(first)
    prepareLint({ folder: cwd })
    expect(await lint('--baseline-prune')).toBe(0)
    expect(known()).toBe(0)
  })

  it('reports again when a file changes, and not because of its own reports', {
    timeout: 60_000,
  }, async () => {
    const cwd = project()
    const watching = startAiv(['lint', '--watch', '--json', '--output', 'sarif=r.sarif'], {
      cwd,
      timeoutMs: 50_000,
    })
    expect(await watching.nextEvent()).toMatchObject({ event: 'ready' })
    expect(await watching.nextEvent()).toMatchObject({ event: 'report', exit_code: 0 })
    expect(existsSync(join(cwd, 'r.sarif'))).toBe(true)
    const path = join(cwd, 'sbom.cdx.json')
    const good = readFileSync(path, 'utf8')
    writeFileSync(path, good.replace('"purl": "pkg:npm/left-pad@1.3.0"', '"purl": "left-pad"'))
    expect(await watching.nextEvent()).toMatchObject({ event: 'report', exit_code: 1 })
    writeFileSync(path, good)
    expect(await watching.nextEvent()).toMatchObject({ event: 'report', exit_code: 0 })
    // Many times as long as a report takes: what a run writes itself, unfinished files too, leads to none.
    expect(await Promise.race([watching.nextEvent(), delay(1500, 'nothing')])).toBe('nothing')
    watching.child.kill('SIGINT')
    expect((await watching.result()).code).toBe(130)
  })
})

describe('aiv lint rules and aiv lint explain', () => {
  it('agree on every rule', async () => {
    const { stdout } = await aiv(['lint', 'rules', '--json'])
    const { rules } = JSON.parse(stdout) as { rules: Record<string, unknown>[] }
    expect(rules.length).toBeGreaterThan(30)
    const explained = await aiv(['lint', 'explain', String(rules[3]?.name), '--json'])
    expect(JSON.parse(explained.stdout)).toEqual({ v: 1, ...rules[3] })
  })

  it('refuse a rule that is not there', async () => {
    const { code, stderr } = await aiv(['lint', 'explain', 'SB9999'])
    expect(code).toBe(2)
    expect(stderr).toContain('there is no rule SB9999')
  })
})
