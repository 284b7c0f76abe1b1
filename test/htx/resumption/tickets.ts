/** Tickets in the hands of a test. */
import { join } from 'node:path'
import {
  type ConnectOptions,
  type HtxSession,
  parseAddress,
  ResumptionFile,
} from '../../../src/lib/htx/index.ts'
import type { HeldTicket } from '../../../src/lib/htx/resumption/index.ts'
import { temporaryFolder } from '../../support/aiv.ts'
import { connectTo, type Running } from '../endpoint/endpoints.ts'
import { HandClient, type HandClientOptions } from '../endpoint/hand-client.ts'

/** A new file of tickets on the listener's clock. */
export function ticketFile({ clock }: Pick<Running, 'clock'>): ResumptionFile {
  return new ResumptionFile(join(temporaryFolder(), 'tickets.json'), { clock })
}

/** A session that has come, gone, and left its tickets. */
export async function visit(
  running: Pick<Running, 'listener' | 'clock'>,
  options: Partial<ConnectOptions>,
): Promise<HtxSession> {
  const session = await connectTo(running, options)
  await session.ping()
  await session.close()
  return session
}

/** The newest ticket that a full handshake leaves. */
export async function gainTicket(
  running: Running,
  options: Partial<ConnectOptions> = {},
): Promise<HeldTicket> {
  const resumption = ticketFile(running)
  const { description } = await visit(running, { ...options, resumption })
  const { peer, hybrid } = description
  const taken = await resumption.take({ peer, x: addressKey(running), hybrid })
  if (taken === undefined) throw new Error('the listener issued no ticket')
  await taken.deleted
  return taken.ticket
}

/** Sends a message 1 of resumption, and waits for what comes of it on the way. */
export async function presentTicket(
  { listener, clock }: Pick<Running, 'listener' | 'clock'>,
  { handle, psk, hybrid }: HeldTicket,
  options: HandClientOptions = {},
): Promise<HandClient> {
  return await HandClient.dial(listener.address, {
    suite: hybrid ? 4 : 3,
    wallMs: clock.wallMs(),
    ...options,
    more: { resumption: { handle, psk: psk.slice() }, ...options.more },
  })
}

function addressKey({ listener }: Pick<Running, 'listener'>): Uint8Array {
  const { x } = parseAddress(listener.address, 'connect')
  if (x === undefined) throw new Error('the address has no key')
  return x
}
