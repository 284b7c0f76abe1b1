import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest'
import { openAccess } from '../../../src/lib/cli/htx/forward/access.ts'
import { identityOf } from '../../htx/endpoint/endpoints.ts'

/** Readings of the file that have begun, in their order; the test ends each with a text. */
const readings: ((text: string) => void)[] = []

vi.mock('../../../src/lib/cli/htx/endpoint.ts', () => ({
  readText: async () => await new Promise<string>((resolve) => readings.push(resolve)),
}))

afterEach(() => void readings.splice(0))

const PEER = identityOf(5).peer

async function opened() {
  const events: string[] = []
  const manager = { reloading: () => {}, reloaded: () => {} }
  const opening = openAccess({ 'allow-file': '/peers' }, (name) => void events.push(name), manager)
  await vi.waitFor(() => expect(readings).toHaveLength(1))
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
})
