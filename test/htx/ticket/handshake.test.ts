import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import { connect, listen } from '../../../src/lib/htx/index.ts'
import {
  buildTicket,
  DEFAULT_POLICY_TEXT,
  DEFAULT_SITE,
  grantOf,
  newTicketKey,
  REPLAY_SCHEMA,
  type TicketGrant,
  type TicketKey,
} from '../../../src/lib/htx/ticket/index.ts'
import { openMemoryStore, type Store } from '../../../src/lib/storage/index.ts'
import {
  connectTo,
  freePlace,
  LIVE_CLOCK,
  type Probe,
  probe,
  type Running,
  SERVER,
  START_MS,
  startListener,
  turns,
  until,
} from '../endpoint/endpoints.ts'
import { type HandClientOptions, message1For } from '../endpoint/hand-client.ts'

const VERSION_2 = DEFAULT_POLICY_TEXT.replace('v1', 'v2')
const random = new SeededRandom(21)

function keyAndGrant(policyText = DEFAULT_POLICY_TEXT): {
  readonly key: TicketKey
  readonly grant: TicketGrant
} {
  const key = newTicketKey(random, new ManualClock(START_MS))
  return { key, grant: grantOf({ policyText, ...DEFAULT_SITE, keys: [key] }, key) }
}

interface Guarded extends Running {
  readonly clock: ManualClock
  readonly grant: TicketGrant
  readonly messages: Store
  readonly used: Store
}

/** A listener that requires tickets, and its two stores. */
async function guarded(): Promise<Guarded> {
  const { key, grant } = keyAndGrant()
  const clock = new ManualClock(START_MS)
  const messages = await openMemoryStore({ name: 'htx', version: 1 })
  const used = await openMemoryStore(REPLAY_SCHEMA)
  const running = await startListener({
    clock,
    store: messages,
    accessTickets: { keys: () => [key], replayStore: used },
  })
  return { ...running, clock, grant, messages, used }
}

function ticketOf({ grant, clock }: Guarded): Uint8Array {
  const binding = { serverStatic: SERVER.noise.publicKey, bind32: new Uint8Array(32) }
  return buildTicket(grant, { clock, random, binding })
}

let seeds = 100

/** A first message as it comes from a client who brings this. */
async function knock(running: Guarded, options: HandClientOptions): Promise<Probe> {
  const one = await probe(running)
  one.link.write([message1For(running.listener.address, { seed: ++seeds, ...options })])
  return one
}

async function expectSilence(running: Guarded, one: Probe, count = 1): Promise<void> {
  await until(() => running.outcomes.length >= count, 'the judgement')
  await turns(8)
  expect(running.outcomes.at(-1)).toBe('silent')
  expect([one.bytes, one.ended, one.closed]).toEqual([0, false, false])
}

describe.each([
  'htx+mem://guarded:0',
  'htx+tcp://127.0.0.1:0',
  'htx+ws://127.0.0.1:0',
  'htx+quic://127.0.0.1:0',
])('a listener that requires tickets at %s', (place) => {
  it.each([
    ['1', DEFAULT_POLICY_TEXT],
    ['2', VERSION_2],
  ])('answers the holder of a grant of version %s, as often as he comes', async (_, policyText) => {
    const { key, grant } = keyAndGrant(policyText)
    const where = place.replace('guarded', `guarded${policyText.at(12)}`)
    const running = await startListener({ clock: LIVE_CLOCK, accessTickets: { keys: () => [key] } }, where)
    for (let visit = 1; visit <= 3; visit++) {
      await connectTo(running, { accessGrant: grant })
      await until(() => running.sessions.length === visit, 'the session')
    }
    expect(running.outcomes).toEqual(Array(3).fill('accepted'))
  })

  it('is silent to whoever has the address but no grant, or one of another key', async () => {
    const { key } = keyAndGrant()
    const running = await startListener(
      { clock: LIVE_CLOCK, accessTickets: { keys: () => [key] } },
      place.replace('guarded', 'silent'),
    )
    for (const ticket of [undefined, keyAndGrant().grant]) {
      const attempt = connectTo(running, {
        handshakeTimeoutMs: 300,
        ...(ticket === undefined ? {} : { ticket }),
      })
      await expect(attempt).rejects.toMatchObject({ code: 'E_HANDSHAKE_TIMEOUT' })
    }
    expect(running.outcomes.filter((outcome) => outcome === 'silent').length).toBe(2)
    expect(running.sessions).toEqual([])
  })
})

describe('a listener that requires tickets', () => {
  it('answers a ticket once, even in another handshake', async () => {
    const running = await guarded()
    const accessTicket = ticketOf(running)
    const first = await knock(running, { more: { accessTicket } })
    await until(() => first.bytes > 0, 'message 2')
    const second = await knock(running, { more: { accessTicket } })
    await expectSilence(running, second)
    expect(await running.used.count()).toBe(1)
  })

  it('never takes the first message of a stranger into its cache', async () => {
    const running = await guarded()
    await expectSilence(running, await knock(running, {}))
    await expectSilence(running, await knock(running, { more: { accessTicket: random.bytes(150) } }), 2)
    expect([await running.messages.count(), await running.used.count()]).toEqual([0, 0])
    const known = await knock(running, { more: { accessTicket: ticketOf(running) } })
    await until(() => known.bytes > 0, 'message 2')
    expect([await running.messages.count(), await running.used.count()]).toEqual([1, 1])
  })

  it('leaves the ticket unused when the message fails before it', async () => {
    const running = await guarded()
    const accessTicket = ticketOf(running)
    const late = await knock(running, { wallMs: START_MS - 601_000, more: { accessTicket } })
    await expectSilence(running, late)
    const wrongKey = await knock(running, { remoteStatic: random.bytes(32), more: { accessTicket } })
    await expectSilence(running, wrongKey, 2)
    expect(await running.used.count()).toBe(0)
    const good = await knock(running, { more: { accessTicket } })
    await until(() => good.bytes > 0, 'message 2')
  })

  it('is silent to a ticket in the readable message of a first contact', async () => {
    const { key, grant } = keyAndGrant()
    const clock = new ManualClock(START_MS)
    const open = await startListener({ clock, firstContact: true })
    const running: Guarded = {
      ...open,
      clock,
      grant,
      messages: await openMemoryStore(REPLAY_SCHEMA),
      used: await openMemoryStore(REPLAY_SCHEMA),
    }
    expect(key.notBefore).toBe(START_MS / 1000)
    for (const suite of [5, 6] as const) {
      const one = await knock(running, { suite, more: { accessTicket: ticketOf(running) } })
      await expectSilence(running, one, suite - 4)
      const without = await knock(running, { suite })
      await until(() => without.bytes > 0, 'the answer to a first contact')
    }
  })

  it('does not start together with first contact, and says what to do', async () => {
    const { key } = keyAndGrant()
    const starting = listen(freePlace(), { firstContact: true, accessTickets: { keys: () => [key] } })
    await expect(starting).rejects.toMatchObject({
      code: 'E_USAGE',
      hint: expect.stringContaining('--first-contact'),
    })
  })

  it('asks its keys anew for each connection', async () => {
    const old = keyAndGrant()
    const next = keyAndGrant()
    const keys = [old.key]
    const running = await startListener({ clock: LIVE_CLOCK, accessTickets: { keys: () => keys } })
    await connectTo(running, { accessGrant: old.grant })
    keys.splice(0, 1, next.key)
    await connectTo(running, { accessGrant: next.grant })
    const attempt = connectTo(running, { accessGrant: old.grant, handshakeTimeoutMs: 300 })
    await expect(attempt).rejects.toMatchObject({ code: 'E_HANDSHAKE_TIMEOUT' })
  })
})

describe('a client with a grant', () => {
  it('never shows a ticket to a listener whose key it does not know', async () => {
    const { grant } = keyAndGrant()
    const running = await startListener({ clock: LIVE_CLOCK, firstContact: true })
    const address = running.listener.address.replace(/\?x=.*/, '')
    const attempt = connect(address, { clock: LIVE_CLOCK, firstContact: true, accessGrant: grant })
    await expect(attempt).rejects.toMatchObject({ code: 'E_USAGE' })
    expect(running.outcomes).toEqual([])
  })

  it('that has expired does not even try', async () => {
    const { grant } = keyAndGrant()
    const running = await startListener({ clock: LIVE_CLOCK })
    const attempt = connectTo(running, { accessGrant: { ...grant, notAfter: START_MS / 1000 } })
    await expect(attempt).rejects.toMatchObject({ code: 'E_TICKET_EXPIRED' })
    expect(running.streams).toEqual([])
  })

  it('may knock at a listener that requires none', async () => {
    const { grant } = keyAndGrant()
    const running = await startListener({ clock: LIVE_CLOCK })
    expect((await connectTo(running, { accessGrant: grant })).peer).toBe(SERVER.peer)
  })
})
