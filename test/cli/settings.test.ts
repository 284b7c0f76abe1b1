import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configPath, resolveSetting, stateFolders, writeConfigValue } from '../../src/lib/cli/index.ts'
import { temporaryFolder } from '../support/aiv.ts'

function homeWith(config?: string): { AIV_HOME: string } {
  const env = { AIV_HOME: temporaryFolder() }
  if (config !== undefined) writeFileSync(configPath(env), config)
  return env
}

describe('a setting', () => {
  const config = 'log-level: warn\n'

  it('comes from the flag before all else', async () => {
    const env = { ...homeWith(config), AIV_LOG_LEVEL: 'debug' }
    expect(await resolveSetting('log-level', 'error', env)).toEqual({
      key: 'log-level',
      value: 'error',
      source: 'flag',
    })
  })

  it('comes from the variable before the file', async () => {
    const env = { ...homeWith(config), AIV_LOG_LEVEL: 'debug' }
    expect(await resolveSetting('log-level', undefined, env)).toMatchObject({ value: 'debug', source: 'env' })
  })

  it('comes from the file before the default, and names the file', async () => {
    const env = homeWith(config)
    expect(await resolveSetting('log-level', undefined, env)).toEqual({
      key: 'log-level',
      value: 'warn',
      source: 'file',
      from: configPath(env),
    })
  })

  it('is its default when nobody set it', async () => {
    expect(await resolveSetting('log-level', undefined, homeWith())).toMatchObject({
      value: 'info',
      source: 'default',
    })
  })

  it('is refused where its value is not allowed, with the place that has it', async () => {
    const env = homeWith('log-level: loud\n')
    await expect(resolveSetting('log-level', undefined, env)).rejects.toMatchObject({
      code: 'E_USAGE',
      message: expect.stringContaining('config.yaml'),
    })
  })

  it('that does not exist is wrong usage', async () => {
    await expect(resolveSetting('nothing', undefined, homeWith())).rejects.toMatchObject({ code: 'E_USAGE' })
  })
})

describe('config.yaml', () => {
  it('keeps its comments when a value changes', async () => {
    const env = homeWith('# mine\nlog-level: warn # loud enough\nprogress: never\n')
    await writeConfigValue(configPath(env), 'log-level', 'debug')
    expect(readFileSync(configPath(env), 'utf8')).toBe(
      '# mine\nlog-level: debug # loud enough\nprogress: never\n',
    )
  })

  it('is made for its owner alone, with nothing beside it', async () => {
    const env = { AIV_HOME: join(temporaryFolder(), 'new') }
    await writeConfigValue(configPath(env), 'progress', 'never')
    expect(statSync(env.AIV_HOME).mode & 0o777).toBe(0o700)
    expect(statSync(configPath(env)).mode & 0o777).toBe(0o600)
    expect(readdirSync(env.AIV_HOME)).toEqual(['config.yaml'])
  })

  it('is not made by unsetting what it does not have', async () => {
    const env = homeWith()
    await writeConfigValue(configPath(env), 'log-level', undefined)
    expect(readdirSync(env.AIV_HOME)).toEqual([])
  })

  it('loses a value that is unset', async () => {
    const env = homeWith('log-level: warn\n')
    await writeConfigValue(configPath(env), 'log-level', undefined)
    expect(await resolveSetting('log-level', undefined, env)).toMatchObject({ source: 'default' })
  })

  it.each([
    ['a list', '- a\n'],
    ['a nested map', 'log-level:\n  a: b\n'],
    ['text that is not YAML', 'log-level: [\n'],
    ['a duplicate key', 'progress: auto\nprogress: never\n'],
    ['aliases', 'a: &x v\nb: *x\n'],
    ['a scalar', 'hello\n'],
    ['a huge file', `# ${'x'.repeat(70_000)}\n`],
  ])('with %s is unreadable input, not a crash', async (_name, text) => {
    await expect(resolveSetting('log-level', undefined, homeWith(text))).rejects.toMatchObject({
      code: 'E_INPUT',
    })
  })

  it('that is a folder is unreadable input', async () => {
    const env = homeWith()
    mkdirSync(configPath(env))
    await expect(resolveSetting('log-level', undefined, env)).rejects.toMatchObject({ code: 'E_INPUT' })
  })

  it('that is empty has no settings', async () => {
    expect(await resolveSetting('log-level', undefined, homeWith(''))).toMatchObject({ source: 'default' })
  })
})

describe('state folders', () => {
  it('are $AIV_HOME when it is set', () => {
    expect(stateFolders({ AIV_HOME: '/a' }, '/h')).toEqual({ data: '/a', config: '/a' })
  })

  it('follow the XDG base directories', () => {
    expect(stateFolders({ XDG_DATA_HOME: '/d', XDG_CONFIG_HOME: '/c' }, '/h')).toEqual({
      data: '/d/aiv',
      config: '/c/aiv',
    })
    expect(stateFolders({}, '/h')).toEqual({ data: '/h/.local/share/aiv', config: '/h/.config/aiv' })
  })

  it('ignore a relative XDG directory, as its specification says', () => {
    expect(stateFolders({ XDG_DATA_HOME: 'relative' }, '/h').data).toBe('/h/.local/share/aiv')
  })
})
