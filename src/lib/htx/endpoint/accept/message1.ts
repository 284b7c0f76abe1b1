/** Steps 4 to 7 of section 3.5, where a message 1 may be one of resumption (section 8). */
import { erase } from '../../../crypto/index.ts'
import type { Inspection, Responder } from '../../handshake/index.ts'
import type { ResumptionTicketHolder } from '../../resumption/index.ts'
import type { AccessTicketBinding } from '../../ticket/index.ts'
import type { AcceptorContext } from './acceptor-context.ts'

export interface Message1 {
  /** Whose ticket it was; undefined in a full handshake. */
  readonly holder: ResumptionTicketHolder | undefined
  /** Whether the ticket was there to be deleted, durably: the answer must wait for it. */
  readonly used?: Promise<boolean>
}

export interface Visitor {
  /** The /24 or /56 of the link. */
  readonly prefix: string
  readonly binding: AccessTicketBinding
}

/**
 * Opens a message 1 that the cache does not know. A ticket is used up, durably, once its psk has opened it, whatever
 * else is wrong. Without one an access ticket is asked for where the listener requires it.
 * @returns undefined when it is to be met with silence
 */
export async function openMessage1(
  responder: Responder,
  { suite, handle }: Inspection,
  context: Pick<AcceptorContext, 'records' | 'admits' | 'accessTickets' | 'observer'>,
  visitor: Visitor,
): Promise<Message1 | undefined> {
  const { records, admits, accessTickets, observer } = context
  if (handle === undefined) {
    if (!responder.open()) return undefined
    // Inside Noise version 1 is enough: message 1 binds it already.
    const outcome = await accessTickets?.check(responder.accessTicket, { ...visitor, versions: [1, 2] })
    if (outcome !== undefined) observer?.accessTicket(outcome)
    return outcome === undefined || outcome === 'accepted' ? { holder: undefined } : undefined
  }
  const found = await records.find(handle)
  if (found === undefined) {
    observer?.resumption('refused')
    return undefined
  }
  const { record } = found
  const opened = record.hybrid === suite.hybrid && responder.open(record.psk)
  erase(record.psk)
  if (!responder.isAuthenticated) {
    observer?.resumption('refused')
    return undefined
  }
  const used = records.take(found)
  // The access list may have changed since the ticket was issued.
  if (opened && admits(record.peer) !== 'no') {
    used.then(
      (taken) => observer?.resumption(taken ? 'accepted' : 'refused'),
      () => observer?.resumption('refused'),
    )
    return { holder: record, used }
  }
  observer?.resumption('refused')
  await used
  return undefined
}
