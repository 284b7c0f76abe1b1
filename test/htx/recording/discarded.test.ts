/** Links that a listener only reads from, while it writes sessions down. */
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { TracedLink } from '../../../src/lib/htx/recording/traced-link.ts'
import { START_MS, startListener, until } from '../endpoint/endpoints.ts'
import { HandClient } from '../endpoint/hand-client.ts'

describe('what a link without a session has brought', () => {
  it('is given up as soon as the link will get no answer, long before it ends', async () => {
    const said: string[] = []
    const running = await startListener({
      clock: new ManualClock(START_MS),
      tracer: {
        trace: (link, role) =>
          new TracedLink(link, role, {
            bytes: () => {},
            established: () => said.push('established'),
            discarded: () => said.push('discarded'),
            closed: () => said.push('closed'),
          }),
      },
    })
    const client = await HandClient.dial(running.listener.address, { wallMs: START_MS - 700_000 })
    await until(() => running.outcomes.length === 1, 'silence')
    expect([running.outcomes, said]).toEqual([['silent'], ['discarded']])
    expect(client.probe.ended).toBe(false)
  })
})
