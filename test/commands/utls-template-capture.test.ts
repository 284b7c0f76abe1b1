import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type AivResult, aiv, startAiv, temporaryFolder } from '../support/aiv.ts'
import { judge } from '../support/judge.ts'
import { fakeBrowser, isRunning } from '../tls/browser/drive/fake-browser.ts'

function failure({ code, stdout }: AivResult): unknown {
  return [code, (JSON.parse(stdout) as { readonly error: { readonly code: string } }).error.code]
}

/** The PATH with this folder before everything else. */
function before(folder: string): Readonly<Record<string, string>> {
  return { PATH: `${folder}:${dirname(process.execPath)}:${process.env.PATH ?? ''}` }
}

const capture = ['utls', 'template', 'capture']

describe('aiv utls template capture', () => {
  it('says what is wrong with a browser', async () => {
    const says = async (browser: string): Promise<unknown> =>
      failure(await aiv([...capture, '--browser', browser, '--json']))
    expect(await says('no-such-browser')).toEqual([3, 'E_DEPENDENCY_MISSING'])
    expect(await says(join(fakeBrowser('', 'Opera 99.1'), 'chromium'))).toEqual([2, 'E_UNSUPPORTED'])
    expect(await says(join(fakeBrowser('exit 1'), 'chromium'))).toEqual([3, 'E_IO'])
  })

  it.each(['SIGINT', 'SIGTERM'] as const)('leaves nothing behind on %s', async (signal) => {
    const temporary = temporaryFolder()
    const folder = fakeBrowser(`sleep 1000 & echo $$ $! > ${temporary}/pid; sleep 1000`)
    const running = startAiv([...capture, '--json'], { env: { ...before(folder), TMPDIR: temporary } })
    running.child.stdin.end()
    const pidFile = join(temporary, 'pid')
    while (!existsSync(pidFile) || readFileSync(pidFile, 'utf8') === '') await new Promise(setImmediate)
    expect(readdirSync(temporary).some((name) => name.startsWith('aiv-browser-'))).toBe(true)
    const pids = readFileSync(pidFile, 'utf8').trim().split(' ')
    expect(pids.map((pid) => isRunning(Number(pid)))).toEqual([true, true])
    running.child.kill(signal)
    expect((await running.result()).code).toBe(130)
    expect(readdirSync(temporary)).toEqual(['pid'])
    for (const pid of pids) expect(isRunning(Number(pid))).toBe(false)
  })
})

describe.runIf(judge('chromium') !== undefined)('a captured template', () => {
  it('is written to a file that other commands read', async () => {
    const cwd = mkdtempSync(join(tmpdir(), 'aiv-test-'))
    const written = await aiv([...capture, '--browser', 'chromium', '--out', 'mine.json'], {
      cwd,
      timeoutMs: 60_000,
    })
    expect(written.code, written.stderr).toBe(0)
    expect(written.stdout).toMatch(/^chrome-\d+ from \d+ hellos of Chromium [\d.]+\n\S.*\n$/)
    if (process.getuid?.() === 0) expect(written.stderr).toMatch(/^info: .*without its sandbox/)
    const document = JSON.parse(readFileSync(join(cwd, 'mine.json'), 'utf8')) as object
    const shown = await aiv(['utls', 'template', 'show', 'mine.json', '--json'], { cwd })
    expect(JSON.parse(shown.stdout)).toEqual(document)
    expect((await aiv(['utls', 'template', 'diff', 'mine.json', 'mine.json'], { cwd })).code).toBe(0)
    expect((await aiv(['utls', 'template', 'diff', 'mine.json', 'chrome-133'], { cwd })).code).toBe(1)
    const hello = await aiv(['utls', 'hello', '--template', 'mine.json', '--sni', 'example.test', '--json'], {
      cwd,
    })
    expect(JSON.parse(hello.stdout)).toMatchObject({ v: 1, template: Reflect.get(document, 'id') })
    rmSync(cwd, { recursive: true })
  })
})

describe('aiv utls hello', () => {
  const hello = async (says: string, ...args: readonly string[]): Promise<AivResult> =>
    await aiv(['utls', 'hello', '--sni', 'example.test', '--out', 'hello.bin', ...args], {
      cwd: temporaryFolder(),
      env: before(fakeBrowser('', says)),
    })
  const drifted =
    /^warn: the newest template is of Chrome \d+, but this machine has Chromium 999: .*utls template capture/

  it('warns when its templates are more than two versions behind the Chromium of this machine', async () => {
    for (const args of [[], ['--chrome', 'latest'], ['--chrome', 'n-2']]) {
      const { code, stderr } = await hello('Chromium 999.0.1.2', ...args)
      expect([code, stderr]).toEqual([0, expect.stringMatching(drifted)])
    }
    const { stdout } = await aiv(['utls', 'template', 'list', '--json'])
    const { templates } = JSON.parse(stdout) as {
      readonly templates: readonly {
        readonly browser: string
        readonly versions: { readonly last: number }
      }[]
    }
    const newest = Math.max(
      ...templates.filter(({ browser }) => browser === 'chrome').map(({ versions }) => versions.last),
    )
    expect((await hello(`Chromium ${newest + 2}.0`)).stderr).toBe('')
    expect((await hello(`Chromium ${newest + 3}.0`)).stderr).toMatch(/^warn: /)
  })

  it('does not warn who named a version, a template or Firefox', async () => {
    for (const args of [
      ['--chrome', '154'],
      ['--template', 'chrome-154'],
      ['--firefox', 'latest'],
    ]) {
      const { code, stderr } = await hello('Chromium 999.0.1.2', ...args)
      expect([code, stderr]).toEqual([0, ''])
    }
  })

  it('says nothing about a browser that says nothing itself', async () => {
    expect((await hello('')).stderr).toBe('')
    expect((await hello('Opera 999.0')).stderr).toBe('')
  })
})
