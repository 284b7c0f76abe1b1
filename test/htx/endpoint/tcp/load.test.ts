import { once } from 'node:events'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../../src/lib/core/index.ts'
import { connect, type HtxSession, type HtxStream } from '../../../../src/lib/htx/index.ts'
import { CLIENT, connectTo, LIVE_CLOCK, START_MS, startListener, turns, until } from '../endpoints.ts'

const MIB = 1024 * 1024

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

describe('writing at full speed over TCP', () => {
  it('leaves timers and other streams their turn', async () => {
    let received = 0
    const running = await startListener(
      {
        clock: LIVE_CLOCK,
        onStream: (stream) => {
          stream.on('error', () => {})
          stream.on('data', (chunk: Buffer) => {
            received += chunk.length
          })
        },
      },
      'htx+tcp://127.0.0.1:0',
    )
    const session = await connectTo(running)
    const bulk = session.openStream().on('error', () => {})
    // A starved event loop moves bytes without end between two ticks; a busy machine moves neither.
    const perTick: number[] = []
    let before = 0
    const timer = setInterval(() => {
      perTick.push(received - before)
      before = received
    }, 2)
    const chunk = Buffer.alloc(MIB)
    let pings = 0
    let isWriting = true
    const pinging = (async () => {
      for (; isWriting; pings++) await session.ping()
    })()
    for (let i = 0; i < 128; i++) if (!bulk.write(chunk)) await once(bulk, 'drain')
    isWriting = false
    await pinging
    await until(() => received === 128 * MIB, 'every byte')
    clearInterval(timer)
    bulk.destroy()
    expect(Math.max(...perTick)).toBeLessThan(24 * MIB)
    expect(pings).toBeGreaterThan(20)
  })
})

/** Runs sessions one after the other, each with a stream that goes there and back. */
async function runSessions(
  count: number,
  over: 'tcp' | 'memory',
  kept: WeakRef<object>[],
): Promise<ManualClock> {
  const clock = new ManualClock(START_MS)
  const running = await startListener(
    {
      clock,
      admission: { bucket: { capacity: 1e6, refillPerSecond: 0 } },
      onSession: (session) => {
        running.sessions.length = 0
        kept.push(new WeakRef(session))
      },
      onStream: (stream) => {
        kept.push(new WeakRef(stream))
        stream.on('error', () => {}).pipe(stream)
      },
    },
    over === 'tcp' ? 'htx+tcp://127.0.0.1:0' : undefined,
  )
  for (let i = 0; i < count; i++) {
    const session: HtxSession = await connect(running.listener.address, {
      clock,
      identity: CLIENT,
      pq: 'off',
    })
    const stream: HtxStream = session.openStream()
    kept.push(new WeakRef(session), new WeakRef(stream))
    stream.end('there and back')
    stream.resume()
    await once(stream, 'close')
    if (i % 3 === 2) session.abort()
    else await session.close()
    await session.closed
    running.outcomes.length = 0
  }
  await until(() => running.listener.sessions.length === 0, 'the end of the last')
  await turns(20)
  return clock
}

describe('many sessions, one after the other', () => {
  it.each([
    ['memory', 300],
    ['tcp', 150],
  ] as const)('over %s leave no timer and no object behind', async (over, count) => {
    const kept: WeakRef<object>[] = []
    const clock = await runSessions(count, over, kept)
    expect(clock.nextTimerAt()).toBeUndefined()
    for (let round = 0; round < 10; round++) {
      await turns(5)
      collectGarbage()
    }
    const alive = kept.filter((reference) => reference.deref() !== undefined)
    expect(kept.length).toBe(count * 4)
    // The last few may still be held by the machinery of the event loop.
    expect(alive.length).toBeLessThan(12)
  })
})
