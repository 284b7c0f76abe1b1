import { describe, expect, it } from 'vitest'
import { aiv, EXECUTABLE, FIXTURE_CLI } from '../support/aiv.ts'
import { atTerminal, hasTerminal } from '../support/terminal.ts'

describe.skipIf(!hasTerminal())('at a terminal', () => {
  it('a passphrase is asked for and not shown', async () => {
    const terminal = atTerminal(FIXTURE_CLI, ['ask'])
    await terminal.shows(/Passphrase: $/)
    terminal.types('terces\r')
    const { code, screen } = await terminal.result()
    expect(code).toBe(0)
    expect(screen).toBe('Passphrase: \r\nsecret\r\n')
  })

  it('^C at the question ends with an error and not with a defect', async () => {
    const terminal = atTerminal(FIXTURE_CLI, ['ask'])
    await terminal.shows(/Passphrase: $/)
    terminal.types('abc\u0003')
    const { code, screen } = await terminal.result()
    expect(code).toBe(130)
    expect(screen).not.toContain('E_INTERNAL')
  })

  it('long work shows how far it is, and the answer is the last line', async () => {
    const { code, screen } = await atTerminal(FIXTURE_CLI, ['work']).result()
    expect(code).toBe(0)
    expect(screen).toMatch(/file\.bin █+░* \d+ % .*KiB of 1\.0 MiB/)
    expect(screen).toContain('100 %')
    expect(screen.trimEnd().split('\n').at(-1)).toBe('done')
  })

  it('long work shows nothing but JSON with --json', async () => {
    const { screen } = await atTerminal(FIXTURE_CLI, ['work', '--json']).result()
    expect(screen.trim()).toBe('{"v":1,"done":true}')
  })

  it('a slip in a command is asked about, and yes runs what was meant', async () => {
    const terminal = atTerminal(EXECUTABLE, ['confg', 'get', 'progress'])
    await terminal.shows(/Did you mean config get\?/)
    terminal.types('y\r')
    const { code, screen } = await terminal.result()
    expect(code).toBe(0)
    expect(screen.trimEnd().split('\n').at(-1)).toBe('auto')
  })

  it('a slip in a command is wrong usage when the answer is no', async () => {
    const terminal = atTerminal(EXECUTABLE, ['confg', 'get', 'progress'])
    await terminal.shows(/Did you mean/)
    terminal.types('n\r')
    expect((await terminal.result()).code).toBe(2)
  })
})

describe('in a pipe', () => {
  it('long work shows no progress', async () => {
    expect(await aiv(['work'], { script: FIXTURE_CLI })).toEqual({ code: 0, stdout: 'done\n', stderr: '' })
  })

  it('a slip in a command is an error that names what was meant', async () => {
    const { code, stderr } = await aiv(['confg', 'get', 'progress'])
    expect(code).toBe(2)
    expect(stderr).toBe('error: unknown command "confg get progress". Did you mean "aiv config get"?\n')
  })
})
