/** A copied message 1 must get its sender nothing: a resumed client is held back until a frame of its own has come. */
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { buildPing, FRAME } from '../../../src/lib/htx/frames/index.ts'
import { START_MS, startListener, turns, until } from '../endpoint/endpoints.ts'
import { HandClient } from '../endpoint/hand-client.ts'
import { gainTicket, presentTicket } from './tickets.ts'

describe('a resumed client', () => {
  it('is held back, slot of its handshake and all, until it was confirmed', async () => {
    const running = await startListener({
      clock: new ManualClock(START_MS),
      admission: { handshakesPerPrefix: 1 },
    })
    const resumed = await presentTicket(running, await gainTicket(running))
    await resumed.readMessage2()
    await turns(10)
    // The handshake is over for the client, and for the listener it is not.
    expect(running.sessions).toHaveLength(1)
    const beside = await HandClient.dial(running.listener.address, { wallMs: START_MS, seed: 2 })
    await turns(200)
    expect(running.outcomes).toEqual(['accepted'])
    expect(beside.probe.bytes).toBe(0)

    resumed.write(resumed.seal(FRAME.PING, undefined, buildPing(false, new Uint8Array(8).fill(5))))
    await until(() => running.sessions.length === 2, 'the session')
    expect(running.outcomes).toEqual(['accepted', 'accepted'])
    const behind = await HandClient.dial(running.listener.address, { wallMs: START_MS, seed: 3 })
    await until(() => behind.probe.bytes > 0, 'an answer to the next one')
  })
})
