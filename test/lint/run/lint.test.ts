import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/lib/core/index.ts'
import { baselineOf, NO_CONFIG, parseConfig } from '../../../src/lib/lint/config/index.ts'
import {
  exitCodeFor,
  type Finding,
  fingerprinted,
  SEVERITIES,
  type Severity,
} from '../../../src/lib/lint/findings/index.ts'
import { type LintOptions, lint } from '../../../src/lib/lint/run/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { judge } from '../../support/judge.ts'
import { CYCLONEDX_DOCUMENT, PACKAGE_LOCK, prepareLint, SPDX_DOCUMENT } from '../../support/lint-documents.ts'
import { finding } from '../../support/lint-findings.ts'
import { LINT_DEFAULTS, lintTexts } from '../../support/lint-texts.ts'

function project(): string {
  const folder = temporaryFolder()
  prepareLint({ folder })
  return folder
}

async function run(folder: string, options: Partial<LintOptions> = {}) {
  return (await lint({ ...LINT_DEFAULTS, folder, paths: ['.'], ...options })).report
}

/** A document with one finding of each severity that rules have. */
function flawed(): string {
  const { supplier: _, ...component } = CYCLONEDX_DOCUMENT.components[0] as Record<string, unknown>
  const weak = { ...component, hashes: [{ alg: 'SHA-1', content: 'a'.repeat(40) }], purl: 'npm:left-pad' }
  return JSON.stringify({ ...CYCLONEDX_DOCUMENT, components: [weak] }, undefined, 2)
}

const keys = (findings: readonly Finding[]) => findings.map(({ fingerprint }) => fingerprint)

describe('a run over a folder', () => {
  it('judges documents and lockfiles, and names them relative to the folder', async () => {
    const folder = project()
    mkdirSync(join(folder, 'deep/er'), { recursive: true })
    writeFileSync(join(folder, 'deep/er/bad.cdx.json'), flawed())
    const { files, findings, unfinished } = await run(folder)
    expect(files).toEqual(['deep/er/bad.cdx.json', 'package-lock.json', 'sbom.cdx.json', 'sbom.spdx.json'])
    // The copy bears the serial number of the original, which both are told.
    const others = findings.filter(({ rule }) => rule !== 'SB0020')
    expect([...new Set(others.map(({ path }) => path))]).toEqual(['deep/er/bad.cdx.json'])
    expect(unfinished).toEqual([])
  })

  it('compares the document of a project with its lockfiles, and no other', async () => {
    const folder = project()
    writeFileSync(
      join(folder, 'package-lock.json'),
      JSON.stringify(PACKAGE_LOCK).replaceAll('1.3.0', '1.2.0'),
    )
    const named = (await run(folder)).findings.filter(({ rule }) => rule === 'SB0030')
    expect(named.map(({ path }) => path)).toEqual(['sbom.cdx.json', 'sbom.spdx.json'])
    const other = JSON.stringify(CYCLONEDX_DOCUMENT).replaceAll('"demo"', '"other"')
    writeFileSync(join(folder, 'sbom.cdx.json'), other)
    const left = (await run(folder)).findings.filter(({ rule }) => rule === 'SB0030')
    expect(left.map(({ path }) => path)).toEqual(['sbom.spdx.json'])
  })

  it('enters no node_modules, follows no link out of the folder, and takes no other JSON for a document', async () => {
    const folder = project()
    const outside = temporaryFolder()
    writeFileSync(join(outside, 'secret.cdx.json'), flawed())
    mkdirSync(join(folder, 'node_modules/a'), { recursive: true })
    writeFileSync(join(folder, 'node_modules/a/bom.json'), flawed())
    symlinkSync(join(outside, 'secret.cdx.json'), join(folder, 'link.cdx.json'))
    symlinkSync('loop.cdx.json', join(folder, 'loop.cdx.json'))
    writeFileSync(join(folder, 'sbom-settings.json'), '{"format":"spdx"}')
    const { files } = await run(folder)
    expect(files).toEqual(['package-lock.json', 'sbom.cdx.json', 'sbom.spdx.json'])
  })

  it('gives the same report whatever the order of paths and the number of threads', async () => {
    const folder = project()
    for (let index = 0; index < 5; index += 1)
      writeFileSync(
        join(folder, `${index}.cdx.json`),
        flawed().replace('a58921a69b79', `a58921a69b7${index}`),
      )
    const paths = ['4.cdx.json', 'sbom.cdx.json', '.', '0.cdx.json']
    const one = await run(folder, { paths })
    expect(await run(folder, { paths: paths.toReversed(), jobs: 3 })).toEqual(one)
    expect(one.findings.length).toBeGreaterThan(10)
  })

  it('refuses a path that is not there', async () => {
    await expect(run(project(), { paths: ['nope'] })).rejects.toMatchObject({ code: 'E_INPUT' })
  })

  it('reports a file that is no UTF-8 as unreadable', async () => {
    const folder = temporaryFolder()
    writeFileSync(join(folder, 'a.cdx.json'), Uint8Array.of(0x7b, 0xff, 0x7d))
    const { findings } = await run(folder)
    expect(findings.map(({ rule, path }) => [rule, path])).toEqual([['SB0001', 'a.cdx.json']])
  })
})

describe('fingerprints', () => {
  it('stay when a hundred lines are put above, and tell findings apart', async () => {
    const before = await lintTexts({ 'a.cdx.json': flawed() })
    const after = await lintTexts({ 'a.cdx.json': `${'\n'.repeat(100)}${flawed()}` })
    expect(keys(after.report.findings)).toEqual(keys(before.report.findings))
    expect(new Set(keys(before.report.findings)).size).toBe(before.report.findings.length)
    const [first] = before.report.findings
    const [moved] = after.report.findings
    expect(moved?.line).toBe((first?.line ?? 0) + 100)
  })

  it('tell apart what agrees in rule, file and entity, by its order and not by its line', () => {
    const twins = [3, 8].map((line) => finding({ line, entity: 'pkg:npm/a@1' }))
    const prints = keys(fingerprinted(twins))
    expect(new Set(prints).size).toBe(2)
    expect(keys(fingerprinted(twins.map((twin) => ({ ...twin, line: (twin.line ?? 0) + 100 }))))).toEqual(
      prints,
    )
  })

  it('are others for another file', async () => {
    const a = await lintTexts({ 'a.cdx.json': flawed() })
    const b = await lintTexts({ 'b.cdx.json': flawed() })
    expect(keys(a.report.findings).filter((key) => keys(b.report.findings).includes(key))).toEqual([])
  })
})

describe('exit codes', () => {
  const thresholds: readonly (Severity | 'never')[] = [...SEVERITIES, 'never']
  const matrix = SEVERITIES.flatMap((severity) => thresholds.map((failOn) => [severity, failOn] as const))

  it.each(matrix)('a finding of severity %s with --fail-on %s', async (severity, failOn) => {
    const config = { ...NO_CONFIG, severities: new Map([['SB0007', severity]]) }
    const { report } = await lintTexts({ 'a.cdx.json': flawed() }, { rules: ['SB0007'], config })
    expect(report.findings.map((finding) => finding.severity)).toEqual([severity])
    const order = ['info', 'warning', 'error', 'critical']
    const expected = failOn !== 'never' && order.indexOf(severity) >= order.indexOf(failOn) ? 1 : 0
    expect(exitCodeFor(report, failOn)).toBe(expected)
  })

  it('3 when something could not be looked at, whatever else was found', async () => {
    const { report } = await lintTexts({ 'a.cdx.json': flawed() })
    expect(exitCodeFor({ ...report, unfinished: [{ path: 'x', message: 'y' }] }, 'never')).toBe(3)
  })
})

describe('the selection of rules', () => {
  const ran = async (options: Partial<LintOptions>) =>
    (await lintTexts({ 'a.cdx.json': CYCLONEDX_DOCUMENT }, options)).rules.map(({ id }) => id)

  it('takes ids, names and patterns, and leaves out', async () => {
    expect(await ran({ rules: ['sb0004', 'bad-purl'] })).toEqual(['SB0004', 'SB0007'])
    expect(await ran({ select: ['SB000*'], skip: ['SB0002', 'duplicate-*'] })).toEqual([
      'SB0001',
      'SB0003',
      'SB0004',
      'SB0007',
      'SB0008',
      'SB0009',
    ])
    expect(await ran({ config: { ...NO_CONFIG, select: ['SB0001'] } })).toEqual(['SB0001'])
    expect((await ran({})).length).toBeGreaterThan(30)
  })

  it.each([{ rules: ['SB9999'] }, { select: ['nothing*'] }, { skip: ['SB01'] }])(
    'refuses %j',
    async (options) => {
      await expect(ran(options)).rejects.toMatchObject({ code: 'E_USAGE' })
    },
  )
})

describe('suppressions', () => {
  const suppressions = (text: string) => parseConfig(`version: 1\nsuppressions:\n${text}`, '.aiv-lint.yaml')
  const one = async (text: string) =>
    (await lintTexts({ 'a.cdx.json': flawed() }, { config: suppressions(text), rules: ['SB0007'] })).report

  it('with a reason take a finding out of the count, and stand in the report', async () => {
    const report = await one('  - {rule: bad-purl, path: a.*, reason: vendor bug}\n')
    expect(report.findings[0]?.suppression).toMatchObject({ kind: 'config', reason: 'vendor bug' })
    expect(exitCodeFor(report, 'info')).toBe(0)
    expect(report.remarks).toEqual([])
  })

  it('hold on their last day, and not on the next', async () => {
    // The tests' clock stands at 2026-06-01.
    expect(
      (await one('  - {rule: SB0007, reason: r, expires: "2026-06-01"}\n')).findings[0]?.suppression,
    ).toBeDefined()
    const late = await one('  - {rule: SB0007, reason: r, expires: "2026-05-31"}\n')
    expect(late.findings[0]?.suppression).toBeUndefined()
    expect(late.remarks).toEqual(['the suppression of SB0007 ended on 2026-05-31'])
  })

  it('that match nothing are remarked on', async () => {
    const report = await one('  - {rule: SB0007, path: other/*, reason: r}\n')
    expect(report.findings[0]?.suppression).toBeUndefined()
    expect(report.remarks).toEqual(['the suppression of SB0007 in other/* matches nothing: take it out'])
  })
})

describe('a baseline', () => {
  it('lets only new findings count', async () => {
    const before = (await lintTexts({ 'a.cdx.json': flawed() })).report
    const baseline = baselineOf(before.findings)
    const moved = (await lintTexts({ 'a.cdx.json': `\n\n${flawed()}` }, { baseline })).report
    expect(exitCodeFor(moved, 'info')).toBe(0)
    const worse = flawed().replace('"version": "1.3.0"', '"versoin": "1.3.0"')
    const changed = (await lintTexts({ 'a.cdx.json': worse }, { baseline })).report
    const fresh = changed.findings.filter(({ suppression }) => suppression === undefined)
    const rules = new Set(fresh.map(({ rule }) => rule))
    expect([rules.has('SB0003'), rules.has('SB0026'), rules.has('SB0007')]).toEqual([true, true, false])
  })
})

describe('the cache', () => {
  it('gives the same report, reads only what changed, and survives damage', async () => {
    const folder = project()
    writeFileSync(join(folder, 'bad.cdx.json'), flawed())
    const cache = 'cache/lint.json'
    const cold = await run(folder)
    expect(await run(folder, { cache })).toEqual(cold)
    expect(await run(folder, { cache })).toEqual(cold)
    const file = join(folder, cache)
    const kept = readFileSync(file, 'utf8')
    // Whatever stands there is believed for an unchanged text: so it is really used.
    writeFileSync(file, kept.replaceAll('is no package URL', 'was kept'))
    const used = await run(folder, { cache })
    expect(used.findings.some(({ message }) => message.includes('was kept'))).toBe(true)
    writeFileSync(join(folder, 'bad.cdx.json'), `${flawed()}\n`)
    const changed = await run(folder, { cache })
    expect(changed.findings.some(({ message }) => message.includes('was kept'))).toBe(false)
    for (const damage of ['', '{', '[]', '{"version":1,"tool":3,"documents":[{}]}', kept.slice(0, 500)]) {
      writeFileSync(file, damage)
      expect(keys((await run(folder, { cache })).findings)).toEqual(keys(cold.findings))
    }
  })

  it('serves every later selection of rules', async () => {
    const folder = project()
    writeFileSync(join(folder, 'bad.cdx.json'), flawed())
    await run(folder, { cache: 'c.json', rules: ['SB0001'] })
    expect(await run(folder, { cache: 'c.json' })).toEqual(await run(folder))
  })

  it('keeps no document from the future, whose answer changes with time', async () => {
    const folder = temporaryFolder()
    const future = JSON.stringify(CYCLONEDX_DOCUMENT).replace('2026-01-31', '2026-12-31')
    writeFileSync(join(folder, 'a.cdx.json'), future)
    const options = { cache: 'c.json', rules: ['SB0016'] }
    expect((await run(folder, options)).findings).toHaveLength(1)
    const clock = { ...systemClock, wallMs: () => Date.UTC(2027, 0, 1) }
    expect((await run(folder, { ...options, clock })).findings).toEqual([])
  })
})

describe.skipIf(judge('git') === undefined)('--changed-since', () => {
  function committed(): { readonly folder: string; readonly git: (...args: string[]) => void } {
    const folder = project()
    const git = (...args: string[]): void => {
      execFileSync('git', ['-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], { cwd: folder })
    }
    git('init', '-q')
    git('add', '.')
    git('commit', '-q', '-m', 'first')
    return { folder, git }
  }

  it('judges what differs from the commit, and new files', async () => {
    const { folder } = committed()
    expect((await run(folder, { changedSince: 'HEAD' })).files).toEqual([])
    writeFileSync(join(folder, 'new.cdx.json'), flawed())
    writeFileSync(join(folder, 'sbom.spdx.json'), JSON.stringify(SPDX_DOCUMENT))
    expect((await run(folder, { changedSince: 'HEAD' })).files).toEqual(['new.cdx.json', 'sbom.spdx.json'])
  })

  it('judges the documents of a project whose lockfile changed: they are out of date', async () => {
    const { folder } = committed()
    writeFileSync(
      join(folder, 'package-lock.json'),
      JSON.stringify(PACKAGE_LOCK).replaceAll('1.3.0', '1.2.0'),
    )
    const { findings } = await run(folder, { changedSince: 'HEAD' })
    expect(new Set(findings.map(({ rule }) => rule))).toEqual(new Set(['SB0030', 'SB0031']))
  })

  it('runs nothing that the repository configures', async () => {
    const { folder, git } = committed()
    const trap = `touch ${join(folder, 'trapped')}`
    for (const key of ['core.fsmonitor', 'filter.x.clean', 'filter.x.smudge', 'core.pager', 'alias.ls-tree'])
      git('config', key, key.startsWith('alias') ? `!${trap}` : trap)
    writeFileSync(join(folder, '.gitattributes'), '* filter=x\n')
    writeFileSync(join(folder, 'new.cdx.json'), flawed())
    await run(folder, { changedSince: 'HEAD' })
    expect(() => readFileSync(join(folder, 'trapped'))).toThrow()
  })

  it('fetches nothing for a partial clone, whose configuration names the program that fetches', async () => {
    const { folder, git } = committed()
    git('config', 'uploadpack.allowFilter', 'true')
    const clone = join(temporaryFolder(), 'clone')
    git('clone', '-q', '--no-checkout', '--filter=tree:0', `file://${folder}`, clone)
    const trap = join(folder, 'trapped')
    for (const [url, allow] of [
      [`ext::touch ${trap}`, 'protocol.ext.allow'],
      [folder, 'protocol.file.allow'],
    ] as const) {
      git('-C', clone, 'config', 'remote.origin.url', url)
      git('-C', clone, 'config', allow, 'always')
      git('-C', clone, 'config', 'remote.origin.uploadpack', `touch ${trap}; git-upload-pack`)
      await expect(run(clone, { changedSince: 'HEAD' })).rejects.toMatchObject({ code: 'E_USAGE' })
      expect(existsSync(trap)).toBe(false)
    }
  })

  it.each(['nope', '--output=x', '', 'HEAD; true', '-h'])('refuses the revision %j', async (changedSince) => {
    const { folder } = committed()
    await expect(run(folder, { changedSince })).rejects.toMatchObject({ code: 'E_USAGE' })
  })
})
