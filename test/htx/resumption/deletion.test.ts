/** Nothing is sent before the ticket is durably gone, and no more tickets are taken than a session may bring. */
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ManualClock } from '../../../src/lib/core/index.ts'
import { RESUMPTION_SCHEMA, ResumptionFile } from '../../../src/lib/htx/index.ts'
import { ResumptionSecret } from '../../../src/lib/htx/keys/schedule.ts'
import { ResumptionTicketCollector, type TakenTicket } from '../../../src/lib/htx/resumption/index.ts'
import { openMemoryStore, type Store } from '../../../src/lib/storage/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { connectTo, SERVER, START_MS, startListener, turns, until } from '../endpoint/endpoints.ts'
import { gainTicket, presentTicket, ticketFile, visit } from './tickets.ts'

/** A store whose use of tickets ends as the test says. */
async function storeThat(use: () => Promise<boolean>): Promise<Store> {
  const store = await openMemoryStore(RESUMPTION_SCHEMA)
  const batch = store.batch.bind(store)
  return Object.assign(store, {
    batch: async (...[ops, conditions]: Parameters<Store['batch']>) =>
      conditions?.ifEqual === undefined ? await batch(ops) : await use(),
  })
}

class GatedFile extends ResumptionFile {
  readonly gate = Promise.withResolvers<void>()

  override async take(wanted: Parameters<ResumptionFile['take']>[0]): Promise<TakenTicket | undefined> {
    const taken = await super.take(wanted)
    return taken === undefined ? undefined : { ticket: taken.ticket, deleted: this.gate.promise }
  }
}

describe('a listener', () => {
  it('does not answer before its ticket is durably deleted', async () => {
    const gate = Promise.withResolvers<boolean>()
    const running = await startListener({ resumptionStore: await storeThat(() => gate.promise) })
    const client = await presentTicket(running, await gainTicket(running))
    await turns(20)
    expect(client.probe.bytes).toBe(0)
    gate.resolve(true)
    await until(() => client.probe.bytes > 0)
  })

  it('is silent when another process has used the ticket', async () => {
    const running = await startListener({ resumptionStore: await storeThat(async () => false) })
    const client = await presentTicket(running, await gainTicket(running))
    await until(() => running.outcomes.length === 2)
    expect(running.outcomes).toEqual(['accepted', 'silent'])
    expect(client.probe.bytes).toBe(0)
  })

  it('is silent when the deletion fails, and says why', async () => {
    const failure = new Error('the disk is gone')
    const running = await startListener({ resumptionStore: await storeThat(() => Promise.reject(failure)) })
    const client = await presentTicket(running, await gainTicket(running))
    await until(() => running.errors.length === 1)
    expect(running.errors).toEqual([failure])
    expect(client.probe.bytes).toBe(0)
  })
})

describe('a client', () => {
  it('sends nothing before its ticket is durably deleted', async () => {
    const running = await startListener()
    const file = new GatedFile(join(temporaryFolder(), 'tickets.json'), { clock: running.clock })
    await visit(running, { resumption: file })
    const connecting = connectTo(running, { resumption: file })
    await turns(50)
    expect(running.outcomes).toEqual(['accepted'])
    file.gate.resolve()
    const session = await connecting
    expect(session.description.resumed).toBe(true)
    await session.close()
  })

  it.each([1, 2])(
    'accepts %i tickets where it may, ignores more and erases what they come from',
    async (most) => {
      const clock = new ManualClock(START_MS)
      const file = ticketFile({ clock })
      const now = START_MS / 1000
      const x = SERVER.noise.publicKey
      const held = { peer: SERVER.peer, x, hybrid: true, certNotAfter: now + 1000, fullAt: now }
      const collector = new ResumptionTicketCollector(held, most, clock, file)
      const secret = new ResumptionSecret(new Uint8Array(32).fill(7))
      collector.begin(secret)
      for (let i = 1; i <= 4; i++) {
        expect(secret.expose() === undefined).toBe(i > most)
        collector.received(86_400, new Uint8Array(16).fill(i))
      }
      await collector.settled()
      const wanted = { peer: SERVER.peer, x, hybrid: true }
      let count = 0
      for (let taken = await file.take(wanted); taken !== undefined; taken = await file.take(wanted)) {
        expect(taken.ticket.expires).toBe(now + 1000)
        await taken.deleted
        count++
      }
      expect(count).toBe(most)
    },
  )
})
