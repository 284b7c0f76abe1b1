/** Steps 3 to 6 of section 3.5 where a message 1 may be one of resumption (section 8). */
import { erase } from '../../../crypto/index.ts'
import type { Inspection, Responder } from '../../handshake/index.ts'
import type { TicketHolder } from '../../resumption/index.ts'
import type { AcceptorContext } from './acceptor-context.ts'

export interface Message1 {
  /** Whose ticket it was; undefined in a full handshake. */
  readonly holder: TicketHolder | undefined
}

/**
 * Opens a message 1 that the cache does not know. A ticket is used up, durably, once its psk has opened it, whatever
 * else is wrong.
 * @returns undefined when it is to be met with silence
 */
export async function openMessage1(
  responder: Responder,
  { suite, handle }: Inspection,
  { records, admits }: Pick<AcceptorContext, 'records' | 'admits'>,
): Promise<Message1 | undefined> {
  if (handle === undefined) return responder.open() ? { holder: undefined } : undefined
  const found = await records.find(handle)
  if (found === undefined) return undefined
  const { record } = found
  const opened = record.hybrid === suite.hybrid && responder.open(record.psk)
  erase(record.psk)
  const used = responder.isAuthenticated && (await records.take(found))
  // The access list may have changed since the ticket was issued.
  return opened && used && admits(record.peer) !== 'no' ? { holder: record } : undefined
}
