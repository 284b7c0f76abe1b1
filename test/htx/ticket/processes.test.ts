import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { systemClock } from '../../../src/lib/core/index.ts'
import { systemRandom } from '../../../src/lib/crypto/index.ts'
import type { TicketGrant } from '../../../src/lib/htx/ticket/index.ts'
import { createIdentity, saveIdentity } from '../../../src/lib/identity/index.ts'
import { type AivProcess, startAiv, temporaryFolder } from '../../support/aiv.ts'
import { makeTicket, makeTicketKeys } from '../../support/ticket-workplace.ts'
import { dialAddress, Probe, until } from '../endpoint/endpoints.ts'
import { message1For } from '../endpoint/hand-client.ts'

interface Home {
  readonly folder: string
  readonly grant: TicketGrant
}

async function makeHome(): Promise<Home> {
  const folder = temporaryFolder()
  await saveIdentity(join(folder, 'server.json'), createIdentity(systemRandom, systemClock))
  return { folder, grant: await makeTicketKeys(join(folder, 'tickets.json')) }
}

interface RunningListener {
  readonly process: AivProcess
  readonly address: string
}

async function start({ folder }: Home): Promise<RunningListener> {
  const process = startAiv(
    [
      'htx',
      'listen',
      'htx+tcp://127.0.0.1:0',
      '--echo',
      '--key',
      'server.json',
      '--tickets',
      'tickets.json',
      '--json',
    ],
    { cwd: folder, env: { AIV_HOME: join(folder, 'home') }, timeoutMs: 60_000 },
  )
  const { event, address } = await process.nextEvent()
  expect(event).toBe('ready')
  return { process, address: String(address) }
}

let seeds = 1000

/** Shows a ticket in a handshake of its own. */
async function knock({ address }: RunningListener, accessTicket: Uint8Array): Promise<Probe> {
  const probe = new Probe(await dialAddress(address))
  const options = { seed: ++seeds, wallMs: systemClock.wallMs(), more: { accessTicket } }
  probe.link.write([message1For(address, options)])
  return probe
}

/** How many were answered by the time that a holder who came later was. */
async function answered(
  probes: readonly Probe[],
  listeners: readonly RunningListener[],
  home: Home,
): Promise<number> {
  for (const listener of listeners) {
    const later = await knock(listener, makeTicket(home.grant))
    await until(() => later.bytes > 0, 'the answer to a new ticket')
  }
  return probes.filter(({ bytes }) => bytes > 0).length
}

describe('two listeners of one home', () => {
  it('answer a ticket once between them', async () => {
    const home = await makeHome()
    const listeners = await Promise.all([start(home), start(home)])
    for (let round = 0; round < 4; round++) {
      const ticket = makeTicket(home.grant)
      const probes = await Promise.all(listeners.map((listener) => knock(listener, ticket)))
      await until(() => probes.some(({ bytes }) => bytes > 0), 'one answer')
      expect(await answered(probes, listeners, home)).toBe(1)
    }
  }, 60_000)
})

describe('a listener that is killed', () => {
  it('has not forgotten the tickets that it answered', async () => {
    const home = await makeHome()
    const used: Uint8Array[] = []
    for (let life = 0; life < 3; life++) {
      const listener = await start(home)
      const old = await Promise.all(used.map((ticket) => knock(listener, ticket)))
      expect(await answered(old, [listener], home)).toBe(0)
      const ticket = makeTicket(home.grant)
      const probe = await knock(listener, ticket)
      await until(() => probe.bytes > 0, 'the answer')
      // In the very turn in which the answer came: what is not durable by now is lost.
      listener.process.child.kill('SIGKILL')
      used.push(ticket)
      await listener.process.result()
    }
  }, 60_000)
})
