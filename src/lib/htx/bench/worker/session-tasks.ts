/** What is measured on sessions rather than on bytes: how long they take to start, to answer, and what they weigh. */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AivError, type TimerClock } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { anonymousIdentity } from '../../../identity/index.ts'
import { type ConnectOptions, connect, type HtxSession } from '../../endpoint/index.ts'
import { ResumptionFile } from '../../resumption/index.ts'
import { type BulkPlan, type BulkReport, sendBulk } from '../bulk.ts'
import { CONNECTS_AT_ONCE, HANDSHAKES_WARM_UP, PING_INTERVAL_MS } from '../constants.ts'
import { connectTo } from '../transports/camouflaged.ts'
import { openSink } from '../transports/htx.ts'

/** All in milliseconds, one entry per handshake. */
export interface HandshakeTimes {
  /** From the call of `connect` until the session can send. The dialling of the link is part of it. */
  readonly connected: readonly number[]
  /** Until the first answer of the listener under the session's keys. */
  readonly answered: readonly number[]
  readonly suite: string
}

/** Connects, waits for one answer and closes, `count` times in a row. */
export async function measureHandshakes(
  address: string,
  count: number,
  clock: TimerClock,
): Promise<HandshakeTimes> {
  return await timeHandshakes(address, count, { identity: anonymousIdentity(systemRandom, clock), clock })
}

/** The same with a ticket each time, taken from a file on the disk and replaced there. */
export async function measureResumptions(
  address: string,
  count: number,
  clock: TimerClock,
): Promise<HandshakeTimes> {
  const folder = await mkdtemp(join(tmpdir(), 'aiv-bench-'))
  try {
    const resumption = new ResumptionFile(join(folder, 'tickets.json'), { clock })
    const identity = anonymousIdentity(systemRandom, clock)
    const times = await timeHandshakes(address, count, { identity, clock, resumption })
    if (!times.suite.startsWith('Noise_NN')) throw new AivError('E_INTERNAL', 'a session was not resumed')
    return times
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function timeHandshakes(
  address: string,
  count: number,
  options: ConnectOptions & { readonly clock: TimerClock },
): Promise<HandshakeTimes> {
  const { clock } = options
  const connected: number[] = []
  const answered: number[] = []
  let suite = ''
  for (let i = -HANDSHAKES_WARM_UP; i < count; i++) {
    const startedAt = clock.now()
    const session = await connect(address, options)
    const connectedAt = clock.now()
    await session.ping()
    const answeredAt = clock.now()
    const before = suite
    suite = session.description.suite
    await session.close()
    if (i < 0) continue
    if (suite !== before) throw new AivError('E_INTERNAL', 'one handshake was not like the others')
    connected.push(connectedAt - startedAt)
    answered.push(answeredAt - startedAt)
  }
  return { connected, answered, suite }
}

/** Round trips of a session that carries nothing else, milliseconds. */
export async function measureIdlePings(
  address: string,
  durationMs: number,
  clock: TimerClock,
): Promise<readonly number[]> {
  const session = await connect(address, { identity: anonymousIdentity(systemRandom, clock), clock })
  const startedAt = clock.now()
  const roundTrips = await pingWhile(session, () => clock.now() - startedAt < durationMs, clock)
  await session.close()
  return roundTrips
}

export interface BulkPings {
  /** Milliseconds. */
  readonly roundTrips: readonly number[]
  /** What was sent beside them. */
  readonly sent: BulkReport
}

/** Round trips of a session that carries a stream at full speed. */
export async function measureBulkPings(
  address: string,
  plan: BulkPlan,
  clock: TimerClock,
): Promise<BulkPings> {
  const session = await connect(address, { identity: anonymousIdentity(systemRandom, clock), clock })
  let sending = true
  const bulk = sendBulk([openSink(session)], plan, clock).finally(() => {
    sending = false
  })
  const [sent, roundTrips] = await Promise.all([bulk, pingWhile(session, () => sending, clock)])
  await session.drain()
  return { roundTrips, sent }
}

async function pingWhile(
  session: HtxSession,
  isWanted: () => boolean,
  clock: TimerClock,
): Promise<readonly number[]> {
  const roundTrips: number[] = []
  while (isWanted()) {
    const startedAt = clock.now()
    await session.ping()
    roundTrips.push(clock.now() - startedAt)
    await new Promise<void>((resolve) => clock.schedule(PING_INTERVAL_MS, resolve))
  }
  return roundTrips
}

/** Opens `count` sessions and keeps them. */
export async function openSessions(
  address: string,
  count: number,
  clock: TimerClock,
): Promise<readonly HtxSession[]> {
  const identity = anonymousIdentity(systemRandom, clock)
  const sessions: HtxSession[] = []
  let started = 0
  const connectOneByOne = async (): Promise<void> => {
    while (started < count) {
      started++
      const session = await connectTo(address, { identity, clock })
      await session.ping()
      sessions.push(session)
    }
  }
  await Promise.all(Array.from({ length: CONNECTS_AT_ONCE }, connectOneByOne))
  return sessions
}
