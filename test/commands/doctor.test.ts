import { chmodSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { type DoctorOptions, runDoctor } from '../../src/lib/cli/index.ts'
import { ManualClock } from '../../src/lib/core/index.ts'
import { aiv, temporaryFolder } from '../support/aiv.ts'

const YEAR_2027 = Date.UTC(2027, 0, 1)

async function examine(options: Partial<DoctorOptions> = {}) {
  const checks = await runDoctor({
    clock: new ManualClock(YEAR_2027),
    env: { AIV_HOME: temporaryFolder() },
    load: () => ({}),
    ...options,
  })
  return Object.fromEntries(checks.map((check) => [check.name, check]))
}

describe('the doctor', () => {
  it('finds nothing wrong with a machine that is well', async () => {
    const home = temporaryFolder()
    chmodSync(home, 0o700)
    const found = Object.values(await examine({ env: { AIV_HOME: home } }))
    expect(found.map(({ name, status }) => [name, status])).toEqual([
      ['node', 'ok'],
      ['clock', 'ok'],
      ['quic', 'ok'],
      ['state folder', 'ok'],
      ['settings', 'ok'],
    ])
  })

  it('finds an old Node', async () => {
    expect((await examine({ nodeVersion: 'v22.11.0' })).node).toMatchObject({ status: 'fail' })
  })

  it.each([
    ['1970', 0],
    ['a century ahead', Date.UTC(2126, 0, 1)],
  ])('finds a clock in %s', async (_name, wallMs) => {
    expect((await examine({ clock: new ManualClock(wallMs) })).clock).toMatchObject({ status: 'fail' })
  })

  it('warns when QUIC is missing, and names the package', async () => {
    const load = (): never => {
      throw new Error('not found')
    }
    expect((await examine({ load })).quic).toMatchObject({
      status: 'warn',
      hint: expect.stringContaining('npm install @chainsafe/libp2p-quic-'),
    })
  })

  it('warns when others may look into the state folder', async () => {
    const home = join(temporaryFolder(), 'open')
    mkdirSync(home, { mode: 0o755 })
    expect((await examine({ env: { AIV_HOME: home } }))['state folder']).toMatchObject({
      status: 'warn',
      hint: `chmod 700 ${home}`,
    })
  })

  it('is content with a state folder that does not exist yet', async () => {
    const env = { AIV_HOME: join(temporaryFolder(), 'later') }
    expect((await examine({ env }))['state folder']).toMatchObject({ status: 'ok' })
  })

  it('finds settings that are broken, and warns about unknown ones', async () => {
    const home = temporaryFolder()
    writeFileSync(join(home, 'config.yaml'), 'colour: red\n')
    expect((await examine({ env: { AIV_HOME: home } })).settings).toMatchObject({
      status: 'warn',
      detail: expect.stringContaining('colour'),
    })
    writeFileSync(join(home, 'config.yaml'), 'log-level: loud\n')
    expect((await examine({ env: { AIV_HOME: home } })).settings).toMatchObject({ status: 'fail' })
  })
})

describe('aiv doctor', () => {
  it('answers in JSON, with exit code 1 when something fails', async () => {
    const home = temporaryFolder()
    const well = await aiv(['doctor', '--json'], { env: { AIV_HOME: home } })
    expect(JSON.parse(well.stdout)).toMatchObject({ v: 1, ok: true })
    expect(well.code).toBe(0)
    const ill = await aiv(['doctor', '--json', '--log-level', 'warn'], {
      env: { AIV_HOME: home, AIV_PROGRESS: 'sometimes' },
    })
    expect(JSON.parse(ill.stdout)).toMatchObject({ v: 1, ok: false })
    expect(ill.code).toBe(1)
  })
})
