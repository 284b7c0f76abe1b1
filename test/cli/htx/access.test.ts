import { writeFileSync } from 'node:fs'
import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openAccess } from '../../../src/lib/cli/htx/forward/access.ts'
import { AivError } from '../../../src/lib/core/index.ts'
import { identityOf, turns, until } from '../../htx/endpoint/endpoints.ts'
import { temporaryFolder } from '../../support/aiv.ts'

/** Readings of the file that have begun, in their order; the test ends each with a text, or a failure. */
const readings: ((text: string | Promise<never>) => void)[] = []

vi.mock('../../../src/lib/cli/htx/read-text.ts', () => ({
  readText: async () => await new Promise<string>((resolve) => readings.push(resolve)),
}))

afterEach(() => void readings.splice(0))

const PEER = identityOf(5).peer

/** What reading a file throws when the process has no descriptor for it. */
function unread(code = 'EMFILE'): Promise<never> {
  const cause = Object.assign(new Error(code), { code, syscall: 'open' })
  return Promise.reject(new AivError('E_INPUT', `cannot read: ${code}`, { cause }))
}

async function opened(whileReading: (file: string) => unknown = () => {}) {
  const file = join(temporaryFolder(), 'peers')
  writeFileSync(file, '')
  const events: string[] = []
  const manager = { reloading: () => {}, reloaded: () => {} }
  const opening = openAccess({ 'allow-file': file }, (name) => void events.push(name), manager)
  await vi.waitFor(() => expect(readings).toHaveLength(1))
  await whileReading(file)
  readings[0]?.(PEER)
  const access = await opening
  onTestFinished(() => access.close())
  return { access, events }
}

describe('the access lists of a listener', () => {
  it('are those of the last reading, also when it was asked for while an earlier one was under way', async () => {
    const { access, events } = await opened()
    process.emit('SIGHUP')
    await vi.waitFor(() => expect(readings).toHaveLength(2))
    process.emit('SIGHUP')
    await new Promise((resolve) => setImmediate(resolve))
    // The later reading may be the faster one: then it must not have begun before the other is done.
    readings[2]?.('')
    readings[1]?.(PEER)
    await vi.waitFor(() => expect(readings).toHaveLength(3))
    readings[2]?.('')
    await vi.waitFor(() => expect(events).toEqual(['reloaded', 'reloaded']))
    expect(access.allow?.admits(PEER)).toBe('no')
  })

  it('stay as they are when a reading fails, and the next one counts again', async () => {
    const { access, events } = await opened()
    process.emit('SIGHUP')
    await vi.waitFor(() => expect(readings).toHaveLength(2))
    readings[1]?.('nobody')
    await vi.waitFor(() => expect(events).toEqual(['reload-failed']))
    expect(access.allow?.admits(PEER)).toBe('named')
    process.emit('SIGHUP')
    await vi.waitFor(() => expect(readings).toHaveLength(3))
    readings[2]?.('')
    await vi.waitFor(() => expect(events).toEqual(['reload-failed', 'reloaded']))
    expect(access.allow?.admits(PEER)).toBe('no')
  })

  it('are read again by itself when the file could not be read, until it can, and that is said once', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { access, events } = await opened()
    process.emit('SIGHUP')
    for (const [i, answer] of [unread, unread, () => unread('ENFILE'), () => ''].entries()) {
      await until(() => readings.length === i + 2, 'the next reading')
      expect(access.allow?.admits(PEER)).toBe('named')
      readings[i + 1]?.(answer())
      await turns(20)
      vi.advanceTimersByTime(1_000)
    }
    await until(() => events.includes('reloaded'), 'the reading')
    expect(events).toEqual(['reload-failed', 'reload-failed', 'reloaded'])
    expect(access.allow?.admits(PEER)).toBe('no')
    vi.advanceTimersByTime(60_000)
    await turns(20)
    expect(readings).toHaveLength(5)
  })

  it('are not read again by itself for what the file says, nor once they are closed', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    onTestFinished(() => void vi.useRealTimers())
    const { access, events } = await opened()
    for (const [i, answer] of [() => 'nobody', unread].entries()) {
      process.emit('SIGHUP')
      await until(() => readings.length === i + 2, 'the reading')
      readings[i + 1]?.(answer())
      await until(() => events.length === i + 1, 'the failure')
      if (i === 1) access.close()
      vi.advanceTimersByTime(60_000)
      await turns(20)
      expect(readings).toHaveLength(i + 2)
    }
  })

  it('follow a file that changes while it is read for the first time', async () => {
    const { access } = await opened(async (file) => {
      // After the first look at the file.
      await stat(file)
      writeFileSync(file, 'changed')
    })
    await vi.waitFor(() => expect(readings).toHaveLength(2), { timeout: 10_000 })
    readings[1]?.('')
    await vi.waitFor(() => expect(access.allow?.admits(PEER)).toBe('no'))
  })
})
