/** Secrets of resumption do not outlive their use. */
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import type { ResumptionFile } from '../../../src/lib/htx/index.ts'
import type { ResumptionSecret } from '../../../src/lib/htx/keys/schedule.ts'
import { type HeldTicket, ResumptionTicketCollector } from '../../../src/lib/htx/resumption/index.ts'
import { connectTo, startListener } from '../endpoint/endpoints.ts'
import { gainTicket } from './tickets.ts'

describe('the psk of a ticket', () => {
  it('is erased when the attempt fails before anything was sent', async () => {
    const running = await startListener()
    const ticket = await gainTicket(running)
    const resumption = { take: async () => ({ ticket, deleted: Promise.resolve() }) }
    const random = {
      bytes: () => {
        throw new Error('no entropy')
      },
    }
    const options = { resumption: resumption as unknown as ResumptionFile, random }
    expect(ticket.psk.some((byte) => byte !== 0)).toBe(true)
    await expect(connectTo(running, options)).rejects.toThrow('no entropy')
    expect(ticket.psk.every((byte) => byte === 0)).toBe(true)
  })
})

describe('the secret that tickets are derived from', () => {
  function collecting(): {
    readonly collector: ResumptionTicketCollector
    readonly clock: ManualClock
    readonly kept: HeldTicket[]
    readonly erased: () => number
  } {
    const clock = new ManualClock(1_700_000_000_000)
    const kept: HeldTicket[] = []
    let erased = 0
    const file = { keep: async (ticket: HeldTicket) => kept.push(ticket), tidy: async () => {} }
    const held = {
      peer: 'listener',
      x: new Uint8Array(32),
      hybrid: true,
      certNotAfter: 2_000_000_000,
      fullAt: 1_700_000_000,
    }
    const collector = new ResumptionTicketCollector(held, 2, clock, file as unknown as ResumptionFile)
    const secret = {
      pskFor: () => new Uint8Array(32).fill(1),
      erase: () => {
        erased++
      },
    }
    collector.begin(secret as unknown as ResumptionSecret)
    return { collector, clock, kept, erased: () => erased }
  }

  it('is erased with the last ticket', () => {
    const { collector, erased, kept } = collecting()
    collector.received(100, new Uint8Array(16))
    expect(erased()).toBe(0)
    collector.received(100, new Uint8Array(16))
    expect([erased(), kept.length]).toEqual([1, 2])
  })

  it('is erased thirty seconds later when fewer tickets come than may', () => {
    const { collector, clock, erased, kept } = collecting()
    collector.received(100, new Uint8Array(16))
    clock.advance(29_999)
    expect(erased()).toBe(0)
    clock.advance(1)
    expect(erased()).toBe(1)
    collector.received(100, new Uint8Array(16))
    expect(kept).toHaveLength(1)
  })

  it('is erased with the session, and leaves no timer', async () => {
    const { collector, clock, erased } = collecting()
    await collector.settled()
    expect(erased()).toBe(1)
    clock.advance(60_000)
    expect(erased()).toBe(1)
  })
})
