/** Messages of resumption that a listener does not answer, and what it does not do before the client is proved. */
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { CODE } from '../../../src/lib/htx/codes.ts'
import { FEATURE, TAG_LENGTH } from '../../../src/lib/htx/constants.ts'
import { AllowList } from '../../../src/lib/htx/endpoint/index.ts'
import { localHello } from '../../../src/lib/htx/endpoint/local-hello.ts'
import { buildPing, FRAME } from '../../../src/lib/htx/frames/index.ts'
import { RESUMPTION_SCHEMA } from '../../../src/lib/htx/index.ts'
import type { HeldTicket } from '../../../src/lib/htx/resumption/index.ts'
import { MemoryVolume, openMemoryStore } from '../../../src/lib/storage/index.ts'
import { CLIENT, elapse, type Running, START_MS, startListener, turns, until } from '../endpoint/endpoints.ts'
import { HandClient } from '../endpoint/hand-client.ts'
import { gainTicket, presentTicket } from './tickets.ts'

const PING = buildPing(false, new Uint8Array(8).fill(5))

async function listening(
  options: Parameters<typeof startListener>[0] = {},
): Promise<Running & { readonly clock: ManualClock }> {
  const clock = new ManualClock(START_MS)
  return { ...(await startListener({ ...options, clock })), clock }
}

async function isAnswered(running: Running, present: Promise<HandClient>): Promise<boolean> {
  const before = running.outcomes.length
  const { probe } = await present
  await until(() => probe.bytes > 0 || running.outcomes.length > before, 'an answer, or none')
  await turns(5)
  if (probe.bytes > 0) return true
  expect(running.outcomes.slice(before)).toEqual(['silent'])
  return false
}

describe('a listener is silent', () => {
  it('to a handle that it does not know', async () => {
    const running = await listening()
    const ticket = await gainTicket(running)
    const unknown = { ...ticket, handle: new Uint8Array(16) }
    expect(await isAnswered(running, presentTicket(running, unknown))).toBe(false)
    expect(await isAnswered(running, presentTicket(running, ticket))).toBe(true)
  })

  it('to another psk, which does not use the ticket up', async () => {
    const running = await listening()
    const ticket = await gainTicket(running)
    const forged = { ...ticket, psk: ticket.psk.map((byte) => byte ^ 1) }
    expect(await isAnswered(running, presentTicket(running, forged))).toBe(false)
    expect(await isAnswered(running, presentTicket(running, ticket))).toBe(true)
  })

  it('to a TIME out of the window, which uses the ticket up', async () => {
    const running = await listening()
    const ticket = await gainTicket(running)
    const late = presentTicket(running, ticket, { wallMs: running.clock.wallMs() - 601_000 })
    expect(await isAnswered(running, late)).toBe(false)
    expect(await isAnswered(running, presentTicket(running, ticket, { seed: 2 }))).toBe(false)
  })

  it('to an expired ticket', async () => {
    const running = await listening()
    const [ticket, other] = [await gainTicket(running), await gainTicket(running)]
    running.clock.advance(86_399_000)
    expect(await isAnswered(running, presentTicket(running, ticket))).toBe(true)
    running.clock.advance(1000)
    expect(await isAnswered(running, presentTicket(running, other))).toBe(false)
  })

  it('to a copy of a message 1', async () => {
    const running = await listening()
    const ticket = await gainTicket(running)
    expect(await isAnswered(running, presentTicket(running, ticket))).toBe(true)
    expect(await isAnswered(running, presentTicket(running, ticket))).toBe(false)
  })

  it.each([
    ['a hybrid ticket in the classical suite', 'prefer', true, 3],
    ['a classical ticket in the hybrid suite', 'off', false, 4],
  ] as const)('to %s', async (_, pq, hybrid, suite) => {
    const running = await listening({ pq: 'prefer' })
    const ticket: HeldTicket = await gainTicket(running, { pq })
    expect(ticket.hybrid).toBe(hybrid)
    expect(await isAnswered(running, presentTicket(running, ticket, { suite }))).toBe(false)
    expect(await isAnswered(running, presentTicket(running, ticket, { seed: 2 }))).toBe(true)
  })

  it('to the classical suite under the policy require, and to the hybrid one under off', async () => {
    for (const [pq, policy] of [
      ['off', 'require'],
      ['require', 'off'],
    ] as const) {
      const volume = new MemoryVolume()
      const resumptionStore = await openMemoryStore(RESUMPTION_SCHEMA, volume)
      const ticket = await gainTicket(await listening({ pq: 'prefer', resumptionStore }), { pq })
      const changed = await listening({ pq: policy, resumptionStore })
      expect(await isAnswered(changed, presentTicket(changed, ticket))).toBe(false)
    }
  })
})

describe('a resumed client that has not shown its keys', () => {
  it('is no session yet, gets no ticket and is let go at the deadline', async () => {
    const running = await listening()
    const client = await presentTicket(running, await gainTicket(running))
    await client.readMessage2()
    await turns(10)
    expect(client.read().map(({ kind }) => kind)).toEqual(['ping'])
    expect(running.sessions).toHaveLength(1)
    await elapse(running.clock, 10_000)
    expect(running.outcomes).toEqual(['accepted', 'timeout'])
    await elapse(running.clock, 4_000)
    expect(client.probe.ended).toBe(true)
    expect(running.sessions).toHaveLength(1)
  })

  it('is one with its first frame, and gets one ticket', async () => {
    const running = await listening()
    const client = await presentTicket(running, await gainTicket(running))
    await client.readMessage2()
    client.write(client.seal(FRAME.PING, undefined, PING))
    await client.frame('ping', ({ reply }) => reply)
    expect(running.sessions).toHaveLength(2)
    expect(ticketsOf(client)).toHaveLength(1)
  })

  it('is none with its first frame when it was taken off the access list before', async () => {
    const allow = new AllowList([CLIENT.peer])
    const running = await listening({ allow })
    const client = await presentTicket(running, await gainTicket(running))
    await client.readMessage2()
    allow.replace([])
    client.write(client.seal(FRAME.PING, undefined, PING))
    expect(await client.frame('close')).toMatchObject({ code: CODE.POLICY_REJECTED })
    expect(running.outcomes).toEqual(['accepted', 'refused'])
    expect(running.sessions).toHaveLength(1)
    expect(ticketsOf(client)).toEqual([])
  })

  it('is none with a forged frame, and the link ends some time later', async () => {
    const running = await listening()
    const client = await presentTicket(running, await gainTicket(running))
    await client.readMessage2()
    const frame = client.seal(FRAME.PING, undefined, PING)
    frame[frame.length - TAG_LENGTH] = (frame[frame.length - TAG_LENGTH] as number) ^ 1
    client.write(frame)
    await elapse(running.clock, 35_000)
    expect(client.probe.ended).toBe(true)
    expect(client.read().map(({ kind }) => kind)).toEqual(['ping'])
    client.probe.link.end()
    await until(() => running.outcomes.length === 2)
    expect(running.outcomes).toEqual(['accepted', 'lost'])
    expect(running.sessions).toHaveLength(1)
  })

  it('goes with the listener', async () => {
    const running = await listening()
    const client = await presentTicket(running, await gainTicket(running))
    await client.readMessage2()
    await running.listener.close(0)
    const { code } = await client.frame('close')
    expect(code).toBe(0x8006)
    expect(running.sessions).toHaveLength(1)
  })
})

describe('tickets', () => {
  it('are two after a full handshake, for a day', async () => {
    const running = await listening()
    const client = await HandClient.open(running.listener.address)
    client.write(client.seal(FRAME.PING, undefined, PING))
    await client.frame('ping', ({ reply }) => reply)
    expect(ticketsOf(client)).toEqual([86_400, 86_400])
  })

  it('are none for a client that does not know them', async () => {
    const running = await listening()
    const hello = localHello()
    const features = hello.features & ~FEATURE.RESUMPTION
    const client = await HandClient.open(running.listener.address, {
      more: { hello: { ...hello, features } },
    })
    client.write(client.seal(FRAME.PING, undefined, PING))
    await client.frame('ping', ({ reply }) => reply)
    expect(ticketsOf(client)).toEqual([])
  })

  it('are none for a client that may not come in', async () => {
    const running = await listening({ allow: [] })
    const client = await HandClient.open(running.listener.address)
    await client.frame('close')
    expect(ticketsOf(client)).toEqual([])
  })

  it('do not make room: a resumed session beyond the limit is refused', async () => {
    const running = await listening({ maxSessions: 1 })
    const ticket = await gainTicket(running)
    const other = await visitAndStay(running)
    const client = await presentTicket(running, ticket)
    await client.readMessage2()
    client.write(client.seal(FRAME.PING, undefined, PING))
    expect((await client.frame('close')).code).toBe(CODE.ENHANCE_CALM)
    expect(ticketsOf(client)).toEqual([])
    other.probe.link.abort()
  })
})

async function visitAndStay(running: Running): Promise<HandClient> {
  const client = await HandClient.open(running.listener.address, { seed: 9 })
  await until(() => running.listener.sessions.length === 1)
  return client
}

/** Lifetimes of the tickets that came. */
function ticketsOf(client: HandClient): readonly number[] {
  return client
    .read()
    .flatMap((frame) =>
      frame.kind === 'control' && frame.control.record === 'new-ticket'
        ? [frame.control.lifetimeSeconds]
        : [],
    )
}
