import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import { parseAddress } from '../../../src/lib/htx/address.ts'
import {
  AllowList,
  Connector,
  type ConnectorOptions,
  type HtxSession,
  type ListenOptions,
} from '../../../src/lib/htx/index.ts'
import { listenLink } from '../../../src/lib/link/index.ts'
import { failureOf } from '../../support/file-exchange.ts'
import {
  CLIENT,
  connectTo,
  elapse,
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
  readonly pauses: number[]
  readonly codes: string[]
}

async function keep(
  options: ConnectorOptions = {},
  more: readonly string[] = [],
  listening: Partial<ListenOptions> = {},
): Promise<Kept> {
  const clock = new ManualClock(START_MS)
  const running = await startListener({ clock, identity: SERVER, ...listening })
  const attempts: number[] = []
  const pauses: number[] = []
  const codes: string[] = []
  const connector = new Connector([running.listener.address, ...more], {
    connect: { identity: CLIENT },
    backOff: PAUSE,
    clock,
    onReconnecting: ({ attempt, error, pauseMs }) => {
      attempts.push(attempt)
      codes.push(error.code)
      pauses.push(pauseMs)
    },
    ...options,
  })
  return { clock, running, connector, attempts, pauses, codes }
}

/** A session that has lasted: its loss is the first trouble. */
async function settled({ clock, connector }: Pick<Kept, 'clock' | 'connector'>): Promise<HtxSession> {
  const session = await connector.run(itself)
  await elapse(clock, 10_000)
  expect(session.isOpen).toBe(true)
  return session
}

async function lose(session: HtxSession): Promise<void> {
  session.abort()
  await until(() => !session.isOpen, 'the loss')
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
    await lose(await settled({ clock, connector }))
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
    await lose(await settled({ clock, connector }))
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

describe('a session that ends as soon as it is there', () => {
  it('is an attempt that got nowhere: pauses grow, and the attempts are used up', async () => {
    const { clock, connector, attempts, pauses, running } = await keep({
      retries: 6,
      random: new SeededRandom(4),
    })
    let error = ''
    for (let i = 0; i < 20 && error === ''; i++) {
      const session = settle(clock, connector.run(itself, { isBegun: true }))
      error = await session.then(lose, String).then((text) => text ?? '')
    }
    expect(error).toContain('the session ended at once')
    expect(attempts).toEqual([1, 2, 3, 4, 5, 6])
    expect(running.sessions.length).toBeLessThanOrEqual(7)
    // The bounds are 100, 200, 400, 400, …: most of six draws lie beyond the first.
    expect(Math.max(...pauses)).toBeGreaterThan(PAUSE.first)
  })

  it.each([
    ['lasted ten seconds', async (clock: ManualClock) => await elapse(clock, 10_000)],
    [
      'moved something for both sides',
      async (_clock: ManualClock, connector: Connector, session: HtxSession) =>
        connector.vouch(session, () => true),
    ],
  ])('is none that got nowhere when it %s', async (_what, live) => {
    const { clock, connector, attempts } = await keep({ retries: 3 })
    for (let i = 0; i < 6; i++) {
      const session = await settle(clock, connector.run(itself, { isBegun: true }))
      await live(clock, connector, session)
      await lose(session)
    }
    expect(attempts).toEqual([1, 1, 1, 1, 1])
  })

  it('has whoever is new wait as well, ten seconds at most', async () => {
    const { clock, connector } = await keep({ backOff: { first: 3_600_000, most: 3_600_000 } })
    await lose(await connector.run(itself))
    const asked = clock.now()
    const patient = connector.run(itself, { isBegun: true })
    await turns(10)
    const fresh = settle(clock, connector.run(itself))
    expect(await fresh).toBe(await patient)
    expect(clock.now() - asked).toBeGreaterThanOrEqual(9_900)
    expect(clock.now() - asked).toBeLessThan(12_000)
  })
})

describe('a listener that was reached before', () => {
  it('may end handshakes for a while', async () => {
    const { clock, running, connector, codes } = await keep()
    await lose(await settled({ clock, connector }))
    const { host, port } = parseAddress(running.listener.address, 'connect')
    await running.listener.close(0)
    const closing = await listenLink('memory', { host, port, onLink: (link) => void link.close() })
    const begun = settle(clock, connector.run(itself, { isBegun: true }))
    await until(() => codes.length >= 3, 'a third attempt')
    expect(codes.slice(0, 3)).toEqual(['E_LINK_LOST', 'E_HANDSHAKE', 'E_HANDSHAKE'])
    await closing.close()
    await startListener({ clock, identity: SERVER }, `htx+mem://${host}:${port}`)
    expect((await begun).isOpen).toBe(true)
  })

  it('may be full for a while', async () => {
    const kept = await keep({}, [], { maxSessions: 1 })
    await lose(await settled(kept))
    await until(() => kept.running.listener.sessions.length === 0, 'room')
    const other = await connectTo(kept.running, { identity: identityOf(7) })
    await until(() => kept.running.listener.sessions.length === 1, 'another client')
    const work = async (now: HtxSession): Promise<number> => await now.ping()
    const begun = settle(kept.clock, kept.connector.run(work, { isBegun: true }))
    await until(() => kept.codes.length >= 3, 'a third attempt')
    expect(kept.codes.slice(1, 3)).toEqual(['E_SESSION_ERROR', 'E_SESSION_ERROR'])
    await other.close()
    expect(await begun).toBeGreaterThanOrEqual(0)
  })

  it('ends everything at once when it takes the peer off its list', async () => {
    const allow = new AllowList([CLIENT.peer])
    const kept = await keep({}, [], { allow })
    const session = await settled(kept)
    allow.replace([])
    await settle(kept.clock, session.closed)
    expect(await failureOf(settle(kept.clock, kept.connector.run(itself, { isBegun: true })))).toBe(
      'E_SESSION_ERROR: the peer closed the session: POLICY_REJECTED',
    )
    expect(kept.running.sessions).toHaveLength(1)
    expect(kept.attempts.length).toBeLessThanOrEqual(1)
  })

  it('ends everything at once when the peer comes back and is on the list no more', async () => {
    const allow = new AllowList([CLIENT.peer])
    const kept = await keep({}, [], { allow })
    const session = await settled(kept)
    await lose(session)
    allow.replace([])
    // Work that waits for an answer, as a pipe that is to be continued does.
    const work = async (now: HtxSession): Promise<number> => await now.ping()
    expect(await failureOf(settle(kept.clock, kept.connector.run(work, { isBegun: true })))).toContain(
      'POLICY_REJECTED',
    )
    expect(kept.attempts.length).toBeLessThanOrEqual(2)
  })
})
