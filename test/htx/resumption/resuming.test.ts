/** Sessions that begin with a ticket of an earlier one. */
import { describe, expect, it } from 'vitest'
import { ManualClock, SeededRandom, utf8 } from '../../../src/lib/core/index.ts'
import { RESUMPTION_SCHEMA } from '../../../src/lib/htx/index.ts'
import { rotateIdentity } from '../../../src/lib/identity/index.ts'
import { MemoryVolume, openMemoryStore, type Store } from '../../../src/lib/storage/index.ts'
import { CLIENT, connectTo, elapse, SERVER, START_MS, startListener, until } from '../endpoint/endpoints.ts'
import { gainTicket, presentTicket, ticketFile, visit } from './tickets.ts'

const HOUR_MS = 3_600_000

async function onVolume(): Promise<{ readonly clock: ManualClock; readonly resumptionStore: Store }> {
  const resumptionStore = await openMemoryStore(RESUMPTION_SCHEMA, new MemoryVolume())
  return { clock: new ManualClock(START_MS), resumptionStore }
}

describe('a second session', () => {
  it.each([
    ['Noise_NNhfs+psk0_25519+MLKEM768_ChaChaPoly_SHA256', 'prefer', true],
    ['Noise_NNpsk0_25519_ChaChaPoly_SHA256', 'off', false],
  ] as const)('is begun by %s under --pq %s', async (suite, pq, hybrid) => {
    const running = await startListener()
    const resumption = ticketFile(running)
    const first = await visit(running, { resumption, pq })
    const second = await visit(running, { resumption, pq })
    expect(first.description).toMatchObject({ resumed: false, hybrid })
    expect(second.description).toMatchObject({ resumed: true, hybrid, suite, peer: SERVER.peer })
    await until(() => running.sessions.length === 2)
    expect(running.sessions[1]?.description).toMatchObject({ resumed: true, suite, peer: CLIENT.peer })
    expect(second.description.sessionId).not.toBe(first.description.sessionId)
    expect(running.outcomes).toEqual(['accepted', 'accepted'])
  })

  it('carries streams', async () => {
    const running = await startListener()
    const resumption = ticketFile(running)
    await visit(running, { resumption })
    const session = await connectTo(running, { resumption })
    const stream = session.openStream()
    // It ends with the test.
    stream.on('error', () => {})
    stream.end('hello')
    await until(() => running.streams.length === 1)
    const received: Uint8Array[] = []
    running.streams[0]?.on('data', (chunk: Uint8Array) => received.push(chunk))
    await until(() => received.length === 1)
    expect(new Uint8Array(received[0] ?? [])).toEqual(utf8('hello'))
    expect(session.description.resumed).toBe(true)
    await session.close()
  })

  it('needs no identity, and is the one of the first', async () => {
    const running = await startListener()
    const resumption = ticketFile(running)
    await visit(running, { resumption })
    const session = await connectTo(running, {
      resumption,
      renew: () => Promise.reject(new Error('a certificate was asked for')),
    })
    await until(() => running.sessions.length === 2)
    expect(running.sessions[1]?.peer).toBe(CLIENT.peer)
    await session.close()
  })

  it('may come over another kind of link and after a restart', async () => {
    const shared = await onVolume()
    const first = await startListener(shared)
    const resumption = ticketFile(first)
    await visit(first, { resumption })
    await first.listener.close(0)
    const second = await startListener(shared, 'htx+tcp://127.0.0.1:0')
    expect((await visit(second, { resumption })).description.resumed).toBe(true)
  })

  it('lives on by its own ticket until seven days after the full handshake', async () => {
    const { clock, resumptionStore } = await onVolume()
    const running = await startListener({ clock, resumptionStore })
    const resumption = ticketFile(running)
    const resumed: boolean[] = []
    for (let hour = 0; hour <= 180; hour += 20) {
      resumed.push((await visit(running, { resumption })).description.resumed)
      clock.advance(20 * HOUR_MS)
    }
    expect(resumed).toEqual([false, ...Array<boolean>(8).fill(true), false])
  })

  it('is a full handshake when the listener knows no ticket any more', async () => {
    const clock = new ManualClock(START_MS)
    const resumption = ticketFile({ clock })
    await visit(await startListener({ clock }), { resumption })
    const forgetful = await startListener({ clock })
    const session = connectTo(forgetful, { resumption })
    await until(() => forgetful.outcomes.length === 1)
    await elapse(clock, 3_000)
    expect((await session).description.resumed).toBe(false)
    await until(() => forgetful.outcomes.length === 2)
    expect(forgetful.outcomes).toEqual(['silent', 'accepted'])
    await (await session).close()
    await visit(forgetful, { resumption })
    expect(forgetful.sessions[1]?.description.resumed).toBe(true)
  })

  it('is a full handshake after a rotation of the listener', async () => {
    const shared = await onVolume()
    const first = await startListener(shared)
    const resumption = ticketFile(first)
    await visit(first, { resumption })
    const identity = rotateIdentity(SERVER, new SeededRandom(5), shared.clock)
    const rotated = await startListener({ ...shared, identity })
    expect((await visit(rotated, { resumption })).description.resumed).toBe(false)
    expect(rotated.outcomes).toEqual(['accepted'])
    expect((await visit(rotated, { resumption })).description.resumed).toBe(true)
  })
})

describe('a ticket', () => {
  it('is not used up by a listener that cannot be reached', async () => {
    const running = await startListener()
    const resumption = ticketFile(running)
    await visit(running, { resumption })
    const gone = await startListener({ clock: running.clock })
    await gone.listener.close(0)
    await expect(connectTo(gone, { resumption })).rejects.toMatchObject({ code: 'E_UNREACHABLE' })
    const wanted = { peer: SERVER.peer, x: SERVER.noise.publicKey, hybrid: true }
    const left = [await resumption.take(wanted), await resumption.take(wanted)]
    expect(left.map((taken) => taken?.ticket.psk.some((byte) => byte > 0))).toEqual([true, true])
  })

  it('goes with the handshake that it was sent in', async () => {
    const running = await startListener()
    const ticket = await gainTicket(running)
    const used = await presentTicket(running, ticket)
    await used.readMessage2()
    await used.probe.link.abort()
    const again = await presentTicket(running, ticket, { seed: 2 })
    await until(() => running.outcomes.includes('silent'))
    expect(again.probe.bytes).toBe(0)
  })

  it('of two that race is answered once', async () => {
    const running = await startListener()
    const ticket = await gainTicket(running)
    const racers = await Promise.all([1, 2, 3, 4].map((seed) => presentTicket(running, ticket, { seed })))
    await until(() => running.outcomes.filter((outcome) => outcome === 'silent').length === 3)
    await until(() => racers.some(({ probe }) => probe.bytes > 0))
    expect(racers.filter(({ probe }) => probe.bytes > 0)).toHaveLength(1)
  })

  it('of a client that has rotated its key since is met with silence', async () => {
    const running = await startListener()
    const ticket = await gainTicket(running)
    const identity = rotateIdentity(CLIENT, new SeededRandom(5), running.clock)
    await visit(running, { identity })
    const client = await presentTicket(running, ticket)
    await until(() => running.outcomes.includes('silent'))
    expect(client.probe.bytes).toBe(0)
  })

  it('of a peer that is not on the access list any more is met with silence, for good', async () => {
    const shared = await onVolume()
    const ticket = await gainTicket(await startListener({ ...shared, allow: [CLIENT.peer] }))
    const strict = await startListener({ ...shared, allow: [SERVER.peer] })
    await presentTicket(strict, ticket)
    await until(() => strict.outcomes.length === 1)
    const lenient = await startListener(shared)
    const client = await presentTicket(lenient, ticket, { seed: 2 })
    await until(() => lenient.outcomes.length === 1)
    expect([...strict.outcomes, ...lenient.outcomes]).toEqual(['silent', 'silent'])
    expect(client.probe.bytes).toBe(0)
  })
})
