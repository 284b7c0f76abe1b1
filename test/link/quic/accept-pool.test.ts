import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { AcceptPool } from '../../../src/lib/link/quic/accept-pool.ts'
import type { QuicConnection } from '../../../src/lib/link/quic/binding.ts'
import { turns } from '../recorder.ts'

/** A library that takes a handshake up when the test says so, with any of the calls that wait. */
function fakeServer() {
  const calls: { resolve(connection: QuicConnection): void; reject(error: Error): void }[] = []
  const underWay: typeof calls = []
  let acceptedHandshakes = 0
  return {
    calls,
    underWay,
    server: {
      stats: () => ({ acceptedHandshakes }),
      inboundConnection() {
        const call = Promise.withResolvers<QuicConnection>()
        calls.push(call)
        return call.promise
      },
    },
    /** First packets whose senders then fall silent; returns how many found a call. */
    stall(count: number): number {
      const taken = calls.splice(0, count)
      underWay.push(...taken)
      acceptedHandshakes += taken.length
      return taken.length
    },
  }
}

function pool() {
  const fake = fakeServer()
  const clock = new ManualClock()
  const connections: QuicConnection[] = []
  const closed: unknown[] = []
  const accepts = new AcceptPool(
    fake.server,
    {
      connection: (connection) => connections.push(connection),
      closed: (error) => closed.push(error),
    },
    clock,
  )
  return { ...fake, clock, connections, closed, accepts }
}

describe('the accept calls of a QUIC listener', () => {
  it('are made anew while handshakes stand still, up to 4096', () => {
    const { stall, calls, underWay, clock } = pool()
    for (let i = 0; i < 15; i++) {
      expect(stall(250)).toBe(250)
      clock.advance(100)
    }
    for (let i = 0; i < 10; i++) {
      stall(250)
      clock.advance(100)
    }
    expect([underWay.length, calls.length]).toEqual([4096, 0])
  })

  it('come back when stalled handshakes time out, and do not pile up', async () => {
    const { stall, calls, underWay, clock } = pool()
    const waiting = calls.length
    for (let round = 0; round < 5; round++) {
      for (let i = 0; i < 10; i++) {
        stall(100)
        clock.advance(100)
      }
      for (const call of underWay.splice(0)) call.reject(new Error('timed out'))
      await turns(1)
      clock.advance(100)
      expect(calls.length).toBe(waiting)
    }
  })

  it('stay enough after first packets that broke at once, which the library does not count', async () => {
    const { calls, clock, stall } = pool()
    const waiting = calls.length
    for (let i = 0; i < 50; i++) {
      for (const call of calls.splice(0)) call.reject(new Error('the cryptographic handshake failed'))
      await turns(1)
      clock.advance(100)
      expect(calls.length).toBe(waiting)
    }
    expect(stall(waiting)).toBe(waiting)
    clock.advance(100)
    expect(calls.length).toBe(waiting)
  })

  it('end with the endpoint, which is told once', async () => {
    const { calls, clock, closed } = pool()
    for (const call of calls.splice(0)) call.reject(new Error('server closed'))
    await turns(1)
    clock.advance(1000)
    expect([closed.length, calls.length]).toEqual([1, 0])
  })

  it('hand nothing over once stopped: what comes late is aborted', async () => {
    const { calls, clock, connections, accepts } = pool()
    accepts.stop()
    let aborted = 0
    calls.shift()?.resolve({ abort: () => aborted++ } as unknown as QuicConnection)
    const left = calls.length
    await turns(1)
    clock.advance(1000)
    expect([aborted, connections.length, calls.length]).toEqual([1, 0, left])
  })
})
