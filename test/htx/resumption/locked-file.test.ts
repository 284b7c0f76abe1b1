/** Another process that has the file of tickets and does not give it back. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { ManualClock, ProcessLock } from '../../../src/lib/core/index.ts'
import { ResumptionFile } from '../../../src/lib/htx/index.ts'
import type { TakenTicket } from '../../../src/lib/htx/resumption/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { connectTo, elapse, type Running, START_MS, startListener, turns } from '../endpoint/endpoints.ts'
import { visit } from './tickets.ts'

interface Locked {
  readonly running: Running
  readonly clock: ManualClock
  readonly resumption: ResumptionFile
  release(): void
}

/** A file with tickets of a listener, which somebody else has. */
async function locked(): Promise<Locked> {
  const clock = new ManualClock(START_MS)
  const running = await startListener({ clock })
  const folder = temporaryFolder()
  const resumption = new ResumptionFile(join(folder, 'tickets.json'), { clock })
  await visit(running, { resumption })
  const path = join(folder, '.tickets.json.lock')
  writeFileSync(path, '')
  const lock = new ProcessLock(path)
  expect(lock.tryAcquire()).toBe(true)
  let isHeld = true
  const release = (): void => {
    if (isHeld) lock.close()
    isHeld = false
  }
  onTestFinished(release)
  return { running, clock, resumption, release }
}

describe('a connection whose file of tickets is locked', () => {
  it('ends when it is given up, and its ticket is there for the next', async () => {
    const { running, resumption, release } = await locked()
    const stop = new AbortController()
    const connecting = connectTo(running, { resumption, signal: stop.signal })
    const failed = expect(connecting).rejects.toMatchObject({ code: 'E_ABORTED' })
    await turns(5)
    stop.abort()
    await failed
    release()
    expect((await visit(running, { resumption })).description.resumed).toBe(true)
  })

  it('ends at once when there is no listener', async () => {
    const { clock, resumption } = await locked()
    const gone = await startListener({ clock })
    await gone.listener.close(0)
    await expect(connectTo(gone, { resumption })).rejects.toMatchObject({ code: 'E_UNREACHABLE' })
  })

  it('tells the file that nobody waits any more, and returns a ticket that comes all the same', async () => {
    const running = await startListener()
    const late = Promise.withResolvers<TakenTicket>()
    const told: AbortSignal[] = []
    const returned: unknown[] = []
    const file = {
      take: async (_wanted: unknown, signal: AbortSignal) => {
        told.push(signal)
        return await late.promise
      },
      putBack: async (taken: unknown) => returned.push(taken),
    }
    const stop = new AbortController()
    const resumption = file as unknown as ResumptionFile
    const failed = expect(connectTo(running, { resumption, signal: stop.signal })).rejects.toMatchObject({
      code: 'E_ABORTED',
    })
    await turns(5)
    stop.abort()
    await failed
    expect(told.map(({ aborted }) => aborted)).toEqual([true])
    const taken = { deleted: Promise.resolve() } as TakenTicket
    late.resolve(taken)
    await turns(2)
    expect(returned).toEqual([taken])
  })

  it('waits for it no longer than for a listener', async () => {
    const { running, clock, resumption } = await locked()
    const connecting = connectTo(running, { resumption, handshakeTimeoutMs: 2000 })
    const failed = expect(connecting).rejects.toMatchObject({
      code: 'E_TIMEOUT',
      message: 'another process had the file of resumption tickets for 2000 ms',
    })
    await elapse(clock, 2000)
    await failed
  })
})
