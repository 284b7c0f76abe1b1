import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { describe, expect, it, onTestFinished } from 'vitest'
import { readPassphrase, type Terminal } from '../../src/lib/cli/index.ts'
import { fromUtf8 } from '../../src/lib/core/index.ts'

function fileWith(content: string | Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'aiv-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  writeFileSync(join(folder, 'pass'), content)
  return join(folder, 'pass')
}

/** A terminal at which `typed` is typed; `echo` is what a person would see. */
function terminal(...typed: readonly (string | Uint8Array)[]) {
  const input = new PassThrough()
  const state = { echo: '', raw: [] as boolean[], closed: false }
  const opened: Terminal = {
    input: Object.assign(input, { setRawMode: (mode: boolean) => state.raw.push(mode) }),
    output: { write: (text: string) => (state.echo += text) },
    close: () => {
      state.closed = true
    },
  }
  for (const keys of typed) input.write(keys)
  return { state, openTerminal: () => opened }
}

async function answer(...typed: readonly (string | Uint8Array)[]): Promise<string | undefined> {
  const { openTerminal } = terminal(...typed)
  const bytes = await readPassphrase({ env: {}, prompt: 'Passphrase', openTerminal })
  return bytes === undefined ? undefined : fromUtf8(bytes)
}

describe('a passphrase', () => {
  it.each([
    ['secret\n', 'secret'],
    ['secret', 'secret'],
    ['secret\r\nsecond line\n', 'secret'],
    [' with spaces \n', ' with spaces '],
    ['pässword\n', 'pässword'],
  ])('is the first line of the file: %j', async (content, expected) => {
    const bytes = await readPassphrase({ file: fileWith(content), env: { AIV_PASSPHRASE: 'other' } })
    expect(fromUtf8(bytes!)).toBe(expected)
  })

  it.each([
    ['empty', ''],
    ['begins with an empty line', '\nsecret\n'],
  ])('is unreadable input when the file is %s', async (_name, content) => {
    await expect(readPassphrase({ file: fileWith(content) })).rejects.toMatchObject({ code: 'E_INPUT' })
  })

  it('is unreadable input when the file is missing', async () => {
    await expect(readPassphrase({ file: '/nonexistent/pass' })).rejects.toMatchObject({ code: 'E_INPUT' })
  })

  it('is not looked for in a file of the wrong kind', async () => {
    await expect(readPassphrase({ file: fileWith(new Uint8Array(5000)) })).rejects.toMatchObject({
      code: 'E_TOO_LARGE',
    })
  })

  it('comes from AIV_PASSPHRASE when there is no file, and nobody is asked', async () => {
    const { openTerminal, state } = terminal('typed\r')
    const bytes = await readPassphrase({
      env: { AIV_PASSPHRASE: 'from env' },
      prompt: 'Passphrase',
      openTerminal,
    })
    expect(fromUtf8(bytes!)).toBe('from env')
    expect(state.echo).toBe('')
  })

  it('is undefined when no source has one', async () => {
    expect(await readPassphrase({ env: {} })).toBeUndefined()
    expect(
      await readPassphrase({ env: {}, prompt: 'Passphrase', openTerminal: () => undefined }),
    ).toBeUndefined()
  })
})

describe('asked for at a terminal', () => {
  it('it is not shown, and the terminal is as before', async () => {
    const { openTerminal, state } = terminal('s3cret\r')
    const bytes = await readPassphrase({ env: {}, prompt: 'Passphrase', openTerminal })
    expect(fromUtf8(bytes!)).toBe('s3cret')
    expect(state).toEqual({ echo: 'Passphrase: \n', raw: [true, false], closed: true })
  })

  it.each([
    ['backspace takes one character back, also of several bytes', 'aä\u007fb\r', 'ab'],
    ['backspace in an empty line does nothing', '\u007f\u007fa\r', 'a'],
    ['^U clears the line', 'wrong\u0015right\r', 'right'],
    ['^D ends it', 'abc\u0004', 'abc'],
  ])('%s', async (_name, typed, expected) => {
    expect(await answer(typed)).toBe(expected)
  })

  it('^C interrupts, and the terminal is as before', async () => {
    const { openTerminal, state } = terminal('abc\u0003')
    await expect(readPassphrase({ env: {}, prompt: 'P', openTerminal })).rejects.toMatchObject({
      code: 'E_ABORTED',
    })
    expect(state.raw).toEqual([true, false])
    expect(state.closed).toBe(true)
  })

  it('a new one is asked for twice, also when both lines are pasted together', async () => {
    const { openTerminal, state } = terminal('same\rsame\r')
    const bytes = await readPassphrase({ env: {}, prompt: 'New passphrase', confirm: true, openTerminal })
    expect(fromUtf8(bytes!)).toBe('same')
    expect(state.echo).toBe('New passphrase: \nNew passphrase (again): \n')
  })

  it('a new one that differs the second time is refused', async () => {
    const { openTerminal } = terminal('one\r', 'two\r')
    await expect(readPassphrase({ env: {}, prompt: 'P', confirm: true, openTerminal })).rejects.toMatchObject(
      {
        code: 'E_USAGE',
      },
    )
  })

  it('an interrupted process is not asked for long', async () => {
    const controller = new AbortController()
    const { openTerminal } = terminal()
    const asked = readPassphrase({ env: {}, prompt: 'P', openTerminal, signal: controller.signal })
    controller.abort()
    await expect(asked).rejects.toMatchObject({ code: 'E_ABORTED' })
  })
})
