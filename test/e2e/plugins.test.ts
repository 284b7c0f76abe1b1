import { describe, expect, it } from 'vitest'
import { aiv } from '../support/aiv.ts'
import { createWorkplace, runShell } from '../support/shell.ts'

describe('help', () => {
  it('of the whole lists topics and commands', async () => {
    const { code, stdout } = await aiv(['help'])
    expect(code).toBe(0)
    expect(stdout).toMatch(/TOPICS[\s\S]*config[\s\S]*COMMANDS[\s\S]*doctor/)
  })

  it('of a topic lists its commands, in all ways of asking', async () => {
    for (const args of [['config'], ['help', 'config'], ['config', '--help']]) {
      const { code, stdout } = await aiv(args)
      expect(code).toBe(0)
      expect(stdout).toMatch(/config get[\s\S]*config list[\s\S]*config set/)
    }
  })

  it('of a command has its flags and examples, with spaces between the words', async () => {
    const { stdout } = await aiv(['config', 'set', '--help'])
    expect(stdout).toContain('$ aiv config set log-level warn')
    expect(stdout).toContain('--unset')
    expect(stdout).not.toContain('config:set')
  })

  it('is one document for programs with --json, in all ways of asking', async () => {
    const expected = { command: 'config set', summary: 'write one setting to config.yaml' }
    for (const args of [
      ['help', '--json'],
      ['--help', '--json'],
      ['--json'],
      ['config', '--help', '--json'],
    ]) {
      const { code, stdout } = await aiv(args)
      expect(code).toBe(0)
      expect(JSON.parse(stdout)).toMatchObject({
        v: 1,
        commands: expect.arrayContaining([expect.objectContaining(expected)]),
      })
    }
    const { stdout } = await aiv(['help', 'config', 'set', '--json'])
    expect((JSON.parse(stdout) as { commands: unknown[] }).commands).toEqual([
      expect.objectContaining(expected),
    ])
  })

  it('of something that does not exist is wrong usage', async () => {
    expect(await aiv(['help', 'nothing'])).toMatchObject({ code: 2, stdout: '' })
  })
})

describe('completion', () => {
  it('is made for bash and knows commands and flags', async () => {
    const workplace = createWorkplace()
    // The functions that bash calls are read here as bash reads them, and asked as a user asks with the tab key.
    const { stdout, stderr } = await runShell(
      `aiv autocomplete bash >/dev/null 2>&1
       bash -c 'eval "$(aiv autocomplete script bash)"
                words() { COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMPREPLY=(); _aiv_autocomplete; echo "\${COMPREPLY[*]}"; }
                words aiv conf
                words aiv config s
                words aiv config list --js'`,
      workplace,
    )
    expect(stderr).toBe('')
    const offered = stdout.split('\n').map((line) => [...new Set(line.trim().split(' '))].join(' '))
    expect(offered).toEqual(['config', 'set', '--json', ''])
  })
})
