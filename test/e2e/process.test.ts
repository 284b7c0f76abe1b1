import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  type AivOptions,
  type AivProcess,
  type AivResult,
  aiv,
  FIXTURE_CLI,
  startAiv,
  temporaryFolder,
} from '../support/aiv.ts'

const run = (args: readonly string[], options: AivOptions = {}): Promise<AivResult> =>
  aiv(args, { ...options, script: FIXTURE_CLI })
const start = (args: readonly string[], options: AivOptions = {}): AivProcess =>
  startAiv(args, { ...options, script: FIXTURE_CLI })

describe('a running command', () => {
  it('begins with a ready event that has a time in RFC 3339', async () => {
    const { child, nextEvent } = start(['hold', '--json'])
    const event = await nextEvent()
    expect(event).toMatchObject({ v: 1, event: 'ready', pid: child.pid })
    expect(event.time).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)
  })

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'finishes what is in flight on %s and exits with 130',
    async (signal) => {
      const { child, nextEvent, result } = start(['hold', '--json'])
      await nextEvent()
      child.kill(signal)
      expect(await nextEvent()).toMatchObject({ event: 'finished' })
      expect(await result()).toMatchObject({ code: 130, stderr: '' })
    },
  )

  it('ends at once with 130 on the second signal', async () => {
    const { child, nextEvent, result } = start(['stubborn', '--json'])
    await nextEvent()
    child.kill('SIGINT')
    expect(await nextEvent()).toMatchObject({ event: 'heard' })
    child.kill('SIGINT')
    expect((await result()).code).toBe(130)
  })

  it('is told when its reader goes away, and ends without an error', async () => {
    const { child, result } = start(['chatter'])
    await once(child.stdout, 'data')
    child.stdout.destroy()
    expect(await result()).toMatchObject({ code: 0, stderr: 'stopped in order\n' })
  })
})

describe('the last bytes', () => {
  it('are printed before the exit, also to a reader that is slow', async () => {
    const { child, result } = start(['bulk', '5000000'])
    child.stdout.pause()
    await once(child, 'spawn')
    let length = 0
    child.stdout.on('data', (chunk: Buffer) => {
      length += chunk.length
    })
    child.stdout.resume()
    expect((await result()).code).toBe(0)
    expect(length).toBe(5_000_000)
  })

  it('are printed to a pipe whose reader starts a second later', async () => {
    const script = `"${process.execPath}" "${FIXTURE_CLI}" bulk 3000000 | (sleep 1; wc -c)`
    const shell = spawn('sh', ['-c', script], { timeout: 20_000 })
    let printed = ''
    shell.stdout.on('data', (chunk: Buffer) => {
      printed += chunk
    })
    await once(shell, 'close')
    expect(printed.trim()).toBe('3000000')
  })

  it('that a file could not take are an error, not a shorter file', async () => {
    const file = join(temporaryFolder(), 'out')
    // 40 KiB are all that this shell may write, in blocks of 512 bytes.
    const script = `trap '' XFSZ; ulimit -f 80; exec "${process.execPath}" "${FIXTURE_CLI}" bulk 60000 >"${file}"`
    const shell = spawn('sh', ['-c', script], { timeout: 20_000 })
    let complaint = ''
    shell.stderr.on('data', (chunk: Buffer) => {
      complaint += chunk
    })
    const [code] = (await once(shell, 'close')) as [number]
    expect([code, statSync(file).size]).toEqual([3, 40_960])
    expect(complaint).toMatch(/^error: EFBIG: file too large/)
  })
})

describe('an answer of no', () => {
  it('is exit code 1 with the answer and without an error', async () => {
    expect(await run(['no', '--json'])).toEqual({ code: 1, stdout: '{"v":1,"ok":false}\n', stderr: '' })
  })
})

describe('where stdout carries data', () => {
  it('events and the error go to stderr', async () => {
    const { code, stdout, stderr } = await run(['carrier', '--stdio', '--json'])
    expect(code).toBe(3)
    expect(stdout).toBe('data\n')
    expect(
      stderr
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as unknown),
    ).toMatchObject([
      { event: 'ready' },
      { error: { code: 'E_LINK_LOST', message: 'the link is lost', hint: 'Try again' } },
    ])
  })

  it('stdout has JSON again without the flag that makes it so', async () => {
    const { stdout, stderr } = await run(['carrier', '--json'])
    expect(stdout).toContain('"error":{"code":"E_LINK_LOST"')
    expect(stderr).toBe('')
  })
})

describe('a defect', () => {
  it('is one line without a stack', async () => {
    const { code, stdout, stderr } = await run(['defect', 'throw'])
    expect({ code, stdout }).toEqual({ code: 3, stdout: '' })
    expect(stderr).toMatch(/^error: internal error: unexpected\. .*--debug.*\n$/)
  })

  it('shows its stack and causes with --debug or AIV_DEBUG', async () => {
    for (const { stderr } of [
      await run(['defect', 'throw', '--debug']),
      await run(['defect', 'throw'], { env: { AIV_DEBUG: '1' } }),
    ]) {
      expect(stderr).toContain('    at ')
      expect(stderr).toContain('caused by: Error: the cause')
    }
  })

  it('that nobody waits for ends the process in the same form', async () => {
    const { code, stdout } = await run(['defect', 'later', '--json'])
    expect(code).toBe(3)
    expect(JSON.parse(stdout)).toMatchObject({ error: { code: 'E_INTERNAL' } })
  })
})

describe('wrong usage is exit code 2 and one line', () => {
  it.each([
    [['words'], 'missing argument FIRST'],
    [['words', 'a', 'b', 'c'], 'unexpected argument c'],
    [['words', 'a', '--bogus'], 'unknown flag --bogus. Run "aiv words --help"'],
    [['words', 'a', '--wiat=1s'], 'unknown flag --wiat=1s. Did you mean --wait?'],
    [['words', 'a', '--tags', 'b'], 'unknown flag --tags. Did you mean --tag?'],
    [['words', 'a', '--wait', 'soon'], '--wait: "soon" is not a duration'],
    [['words', 'a', '--wait'], 'Flag --wait expects a value'],
    [['words', 'a', '--log-level', 'loud'], '--log-level=loud'],
    [['nothing'], 'unknown command "nothing"'],
  ])('%j', async (args, message) => {
    const text = await run(args)
    expect(text).toMatchObject({ code: 2, stdout: '' })
    expect(text.stderr).toMatch(/^error: [^\n]*\n$/)
    expect(text.stderr).toContain(message)
    const json = await run([...args.slice(0, 1), '--json', ...args.slice(1)])
    expect(json).toMatchObject({ code: 2, stderr: '' })
    expect(JSON.parse(json.stdout)).toMatchObject({ error: { code: 'E_USAGE' } })
  })
})

describe('the parser', () => {
  it('does not take a missing argument from stdin, which carries data', async () => {
    expect(await run(['words'], { input: 'from stdin\n' })).toMatchObject({ code: 2 })
  })

  it('does not let a repeated flag swallow the arguments', async () => {
    const { stdout } = await run(['words', '--tag', 'a', '--tag', 'b', 'first', 'second'])
    expect(JSON.parse(stdout)).toMatchObject({ first: 'first', second: 'second', tag: ['a', 'b'] })
  })
})
