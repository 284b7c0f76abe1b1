/** What is measured on sessions rather than on bytes: how long they take to start, to answer, and what they weigh. */
import type { TimerClock } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import { anonymousIdentity } from '../../../identity/index.ts'
import { connect, type HtxSession } from '../../endpoint/index.ts'
import { type BulkPlan, type BulkReport, sendBulk } from '../bulk.ts'
import { CONNECTS_AT_ONCE, HANDSHAKES_WARM_UP, PING_INTERVAL_MS } from '../constants.ts'
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
  const identity = anonymousIdentity(systemRandom, clock)
  const connected: number[] = []
  const answered: number[] = []
  let suite = ''
  for (let i = -HANDSHAKES_WARM_UP; i < count; i++) {
    const startedAt = clock.now()
    const session = await connect(address, { identity, clock })
    const connectedAt = clock.now()
    await session.ping()
    const answeredAt = clock.now()
    suite = session.description.suite
    await session.close()
    if (i < 0) continue
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
      const session = await connect(address, { identity, clock })
      await session.ping()
      sessions.push(session)
    }
  }
  await Promise.all(Array.from({ length: CONNECTS_AT_ONCE }, connectOneByOne))
  return sessions
}
