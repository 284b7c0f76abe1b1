import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import type { ListenOptions, Tracer } from '../../../src/lib/htx/index.ts'
import type { Link } from '../../../src/lib/link/index.ts'
import { connectTo, elapse, START_MS, startListener, until } from './endpoints.ts'

/** Both ends take their link for a camouflaged one. */
const behindABrowser: Tracer = {
  trace: (link: Link) => Object.defineProperty(link, 'kind', { value: 'https' }),
}

/** Control records that both sides of an idle session send in 10 s. */
async function recordsWhileIdle(
  options: Pick<ListenOptions, 'tracer' | 'limits'>,
): Promise<readonly number[]> {
  const clock = new ManualClock(START_MS)
  const running = { ...(await startListener({ ...options, clock })), clock }
  const client = await connectTo(running, options)
  await until(() => running.sessions.length === 1, 'the session')
  const sides = [client, running.sessions[0] ?? client]
  const counts = () => sides.map(({ statistics }) => statistics.framesSentByKind.control)
  // Tickets for later sessions are records, too.
  await elapse(clock, 1)
  const before = counts()
  await elapse(clock, 10_000, 100)
  return counts().map((count, i) => count - (before[i] ?? 0))
}

describe('the silence of a session', () => {
  it('is padded by both sides on a camouflaged link', async () => {
    for (const records of await recordsWhileIdle({ tracer: behindABrowser }))
      expect(records).toBeGreaterThan(5)
  })

  it('is left alone there when a side does not want padding', async () => {
    expect(await recordsWhileIdle({ tracer: behindABrowser, limits: { pad: false } })).toEqual([0, 0])
  })

  it('is padded on a plain link only when that is asked for', async () => {
    expect(await recordsWhileIdle({})).toEqual([0, 0])
    for (const records of await recordsWhileIdle({ limits: { pad: true } }))
      expect(records).toBeGreaterThan(5)
  })
})
