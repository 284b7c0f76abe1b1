import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { Connector, type ConnectorOptions, type HtxSession } from '../../../src/lib/htx/index.ts'
import { failureOf } from '../../support/file-exchange.ts'
import {
  CLIENT,
  freePlace,
  identityOf,
  type Running,
  SERVER,
  START_MS,
  startListener,
  turns,
  until,
} from '../endpoint/endpoints.ts'

const PAUSE = { first: 100, most: 400 }

interface Kept {
  readonly clock: ManualClock
  readonly running: Running
  readonly connector: Connector
  readonly attempts: number[]
}

async function keep(options: ConnectorOptions = {}, more: readonly string[] = []): Promise<Kept> {
  const clock = new ManualClock(START_MS)
  const running = await startListener({ clock, identity: SERVER })
  const attempts: number[] = []
  const connector = new Connector([running.listener.address, ...more], {
    connect: { identity: CLIENT },
    backOff: PAUSE,
    clock,
    onReconnecting: ({ attempt }) => attempts.push(attempt),
    ...options,
  })
  return { clock, running, connector, attempts }
}

const itself = async (session: HtxSession): Promise<HtxSession> => session

/** Lets time pass until the promise has settled. */
async function settle<T>(clock: ManualClock, promise: Promise<T>): Promise<T> {
  let isSettled = false
  const done = (): void => {
    isSettled = true
  }
  promise.then(done, done)
  for (let i = 0; i < 200 && !isSettled; i++) {
    clock.advance(50)
    await turns(4)
  }
  return await promise
}

describe('a connector', () => {
  it('gives everybody the one session that is alive', async () => {
    const { connector, running } = await keep()
    const sessions = await Promise.all([1, 2, 3].map(() => connector.run(itself)))
    expect(new Set(sessions).size).toBe(1)
    await until(() => running.sessions.length > 0, 'the session')
    await turns(10)
    expect(running.sessions).toHaveLength(1)
  })

  it('replaces a lost session after a pause', async () => {
    const { clock, connector, attempts } = await keep()
    const first = await connector.run(itself)
    first.abort()
    await until(() => !first.isOpen)
    const second = await settle(clock, connector.run(itself))
    expect(second).not.toBe(first)
    expect(second.isOpen).toBe(true)
    expect(attempts).toEqual([1])
  })

  it('keeps one throw-away identity for all its sessions', async () => {
    const { clock, connector, running } = await keep({ connect: {} })
    const first = await connector.run(itself)
    await until(() => running.sessions.length === 1, 'the session')
    first.abort()
    await until(() => !first.isOpen)
    await settle(clock, connector.run(itself))
    await until(() => running.sessions.length === 2, 'the second session')
    expect(new Set(running.sessions.map(({ peer }) => peer)).size).toBe(1)
  })

  it('does not try again when it never had a session', async () => {
    const { running, connector, attempts } = await keep()
    await running.listener.close()
    expect(await failureOf(connector.run(itself))).toContain('E_UNREACHABLE')
    expect(attempts).toEqual([])
  })

  it('gives up after as many attempts as it was told, and starts anew for the next who asks', async () => {
    const { clock, running, connector, attempts } = await keep({ retries: 3 })
    const session = await connector.run(itself)
    session.abort()
    await until(() => !session.isOpen)
    await running.listener.close(0)
    const begun = { isBegun: true }
    expect(await failureOf(settle(clock, connector.run(itself, begun)))).toContain('E_UNREACHABLE')
    expect(attempts).toEqual([1, 1, 2, 3])
    attempts.length = 0
    expect(await failureOf(settle(clock, connector.run(itself, begun)))).toContain('E_UNREACHABLE')
    expect(attempts).toEqual([1, 1, 2, 3])
  })

  it('counts one failure, however many fail with a session', async () => {
    const { clock, connector, attempts } = await keep({ retries: 3 })
    const first = await connector.run(itself)
    const work = async (session: HtxSession): Promise<HtxSession> => {
      if (session === first) await session.ping()
      return session
    }
    const all = Promise.all(Array.from({ length: 20 }, () => connector.run(work, { isBegun: true })))
    first.abort()
    expect(new Set(await settle(clock, all)).size).toBe(1)
    expect(attempts).toEqual([1])
  })

  it('takes the next address of the peer when one does not answer', async () => {
    const nowhere = `${freePlace()}`.replace('htx+mem://', `htx+mem://${SERVER.peer}@`).replace(':0', ':1')
    const { running } = await keep()
    const connector = new Connector([nowhere, running.listener.address], {
      connect: { identity: CLIENT, firstContact: true },
      clock: running.clock,
    })
    expect((await connector.run(itself)).peer).toBe(SERVER.peer)
  })

  it('takes addresses of one peer only', async () => {
    const other = await startListener({ identity: identityOf(5) })
    await expect(keep({}, [other.listener.address])).rejects.toMatchObject({ code: 'E_USAGE' })
  })

  it('lets somebody new ask at once when the pauses have grown long', async () => {
    const { clock, running, connector } = await keep({ backOff: { first: 3_600_000, most: 3_600_000 } })
    const first = await connector.run(itself)
    await until(() => running.sessions.length === 1, 'the session')
    first.abort()
    await until(() => !first.isOpen)
    const patient = connector.run(itself, { isBegun: true })
    await turns(10)
    const asked = clock.now()
    const fresh = await settle(clock, connector.run(itself))
    expect(clock.now() - asked).toBeLessThan(2000)
    expect(await patient).toBe(fresh)
    await until(() => running.sessions.length === 2, 'the second session')
  })

  it('stops waiting when its caller gives up, and altogether with its own signal', async () => {
    const ours = new AbortController()
    const { running, connector } = await keep({ signal: ours.signal })
    const first = await connector.run(itself)
    first.abort()
    await until(() => !first.isOpen)
    await running.listener.close(0)
    const caller = new AbortController()
    const waiting = failureOf(connector.run(itself, { signal: caller.signal }))
    const other = failureOf(connector.run(itself))
    caller.abort()
    expect(await waiting).toContain('E_ABORTED')
    ours.abort()
    expect(await other).toContain('E_ABORTED')
  })
})
