import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { aiv, temporaryFolder } from '../support/aiv.ts'

describe('aiv config', () => {
  it('shows the value that was set and where it comes from', async () => {
    const env = { AIV_HOME: temporaryFolder() }
    expect(await aiv(['config', 'set', 'log-level', 'warn'], { env })).toMatchObject({ code: 0 })
    expect(await aiv(['config', 'get', 'log-level'], { env })).toEqual({
      code: 0,
      stdout: 'warn\n',
      stderr: '',
    })
    const { stdout } = await aiv(['config', 'list', '--json'], { env })
    expect(JSON.parse(stdout)).toMatchObject({
      v: 1,
      settings: expect.arrayContaining([
        expect.objectContaining({
          key: 'log-level',
          value: 'warn',
          source: 'file',
          from: `${env.AIV_HOME}/config.yaml`,
        }),
      ]),
    })
  })

  it('shows that a variable goes before the file', async () => {
    const { stdout } = await aiv(['config', 'get', 'log-level', '--json'], {
      env: { AIV_LOG_LEVEL: 'debug' },
    })
    expect(JSON.parse(stdout)).toMatchObject({ value: 'debug', source: 'env', from: 'AIV_LOG_LEVEL' })
  })

  it('removes a value with --unset', async () => {
    const env = { AIV_HOME: temporaryFolder() }
    await aiv(['config', 'set', 'progress', 'never'], { env })
    await aiv(['config', 'set', 'progress', '--unset'], { env })
    expect((await aiv(['config', 'get', 'progress'], { env })).stdout).toBe('auto\n')
  })

  it.each([
    ['an unknown setting', ['config', 'set', 'nothing', 'x']],
    ['a value that is not allowed', ['config', 'set', 'log-level', 'loud']],
    ['neither value nor --unset', ['config', 'set', 'log-level']],
    ['both value and --unset', ['config', 'set', 'log-level', 'warn', '--unset']],
    ['an unknown setting to read', ['config', 'get', 'nothing']],
  ])('refuses %s as wrong usage', async (_name, args) => {
    expect(await aiv(args)).toMatchObject({ code: 2, stdout: '' })
  })

  it('a broken file stops a command with exit code 2, and the doctor still names what is wrong', async () => {
    const env = { AIV_HOME: temporaryFolder() }
    writeFileSync(join(env.AIV_HOME, 'config.yaml'), 'log-level: [')
    const { code, stderr } = await aiv(['config', 'list'], { env })
    expect(code).toBe(2)
    expect(stderr).toContain('config.yaml is not valid YAML')
    const doctor = await aiv(['doctor'], { env })
    expect(doctor.code).toBe(1)
    expect(doctor.stdout).toMatch(/fail {2}settings: .*config\.yaml is not valid YAML/)
  })
})
