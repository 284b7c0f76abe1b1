/** Access lists that follow their files, and ticket keys that follow theirs. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished, vi } from 'vitest'
import { openAccess } from '../../../src/lib/cli/htx/forward/access.ts'
import { openAccessTickets } from '../../../src/lib/cli/htx/ticket/access-tickets.ts'
import { turns, until } from '../../htx/endpoint/endpoints.ts'
import { aiv, temporaryFolder } from '../../support/aiv.ts'

const MANAGER = { reloading: () => {}, reloaded: () => {} }
const ANYBODY = `ciq${'a'.repeat(52)}`

describe('access lists', () => {
  async function following(text: string) {
    const file = join(temporaryFolder(), 'permits')
    writeFileSync(file, text)
    const events: string[] = []
    const access = await openAccess({ 'permit-file': file }, (name) => events.push(name), MANAGER)
    onTestFinished(() => access.close())
    const permits = (port: number): boolean =>
      access.permits?.prospectOf(ANYBODY, { host: 'some.example', port }, 'reach') === 'named'
    return { file, events, access, permits }
  }

  it('are read once more, however often that is asked for while they are being read', async () => {
    const { file, events, permits } = await following('')
    process.emit('SIGHUP')
    writeFileSync(file, '*=some.example:1\n')
    for (let i = 0; i < 100; i++) process.emit('SIGHUP')
    await until(() => permits(1), 'the new list')
    await turns(200)
    expect(events.length).toBeLessThanOrEqual(2)
    expect(new Set(events)).toEqual(new Set(['reloaded']))
  })

  it('are read again after a reading that failed', async () => {
    const { file, events, permits } = await following('*=some.example:1\n')
    writeFileSync(file, 'nonsense\n')
    process.emit('SIGHUP')
    await until(() => events.length === 1, 'the failure')
    expect([events, permits(1)]).toEqual([['reload-failed'], true])
    writeFileSync(file, '*=some.example:2\n')
    process.emit('SIGHUP')
    await until(() => permits(2), 'the new list')
    expect(permits(1)).toBe(false)
  })

  it('are read no more when they are closed, not even for those who have asked', async () => {
    const { file, events, access, permits } = await following('')
    process.emit('SIGHUP')
    writeFileSync(file, '*=some.example:1\n')
    process.emit('SIGHUP')
    access.close()
    process.emit('SIGHUP')
    await until(() => events.length > 0, 'the end of the reading that had begun')
    await turns(200)
    expect(events.length).toBe(1)
    expect(access.permits).toBeDefined()
    expect(permits(2)).toBe(false)
  })
})

describe('ticket keys', () => {
  it('are looked at no more when they are closed in the middle of a look', async () => {
    const folder = temporaryFolder()
    const file = join(folder, 'tickets.json')
    expect(await aiv(['htx', 'ticket', 'new', '--out', file], { env: { AIV_HOME: folder } })).toMatchObject({
      code: 0,
    })
    vi.stubEnv('AIV_HOME', folder)
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => {
      vi.useRealTimers()
      vi.unstubAllEnvs()
    })
    const tickets = await openAccessTickets(file, { event: () => {} })
    const before = vi.getTimerCount()
    expect(before).toBeGreaterThan(0)
    vi.advanceTimersByTime(5_000)
    const closed = tickets.close()
    await turns(200)
    await closed
    await turns(200)
    expect(vi.getTimerCount()).toBeLessThan(before)
  })
})
