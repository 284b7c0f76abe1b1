/** What the ticket commands name in their examples: key files, a grant, a ticket as text and as bytes. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/lib/core/index.ts'
import { systemRandom } from '../../src/lib/crypto/index.ts'
import {
  buildTicket,
  createGrantFile,
  createTicketKeys,
  DEFAULT_POLICY_TEXT,
  DEFAULT_SITE,
  encodeBase64Url,
  grantOf,
  newTicketKey,
  type TicketGrant,
} from '../../src/lib/htx/ticket/index.ts'
import type { Workplace } from './shell.ts'

/** Writes a key file and returns the grant of its one key. */
export async function makeTicketKeys(path: string): Promise<TicketGrant> {
  const key = newTicketKey(systemRandom, systemClock)
  const ring = { policyText: DEFAULT_POLICY_TEXT, ...DEFAULT_SITE, keys: [key] }
  await createTicketKeys(path, ring)
  return grantOf(ring, key)
}

/** A ticket of this second. */
export function makeTicket(grant: TicketGrant): Uint8Array {
  const binding = { serverStatic: new Uint8Array(32), bind32: new Uint8Array(32) }
  return buildTicket(grant, { clock: systemClock, random: systemRandom, binding })
}

/** `keys.json`, to be rotated. */
export async function prepareRotation({ folder }: Workplace): Promise<undefined> {
  await makeTicketKeys(join(folder, 'keys.json'))
}

/** `tickets.json` and its grant, `$TICKET` and `ticket.bin`. */
export async function prepareTickets({ folder, env }: Workplace): Promise<undefined> {
  const grant = await makeTicketKeys(join(folder, 'tickets.json'))
  await createGrantFile(join(folder, 'grant.json'), grant)
  env.TICKET = encodeBase64Url(makeTicket(grant))
  writeFileSync(join(folder, 'ticket.bin'), makeTicket(grant))
}
