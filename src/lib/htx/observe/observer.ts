/** What endpoints tell whoever watches them. Nothing here names a peer, a key or a time of a single packet. */
import { isAivError } from '../../core/index.ts'
import type { HandshakeOutcome } from '../endpoint/accept/acceptor-context.ts'
import type { HtxSession } from '../endpoint/htx-session.ts'
import type { AccessTicketOutcome } from '../ticket/index.ts'

export interface Observer {
  /** A handshake led to a session; its end shows in `closed`. */
  sessionStarted(session: HtxSession, role: 'client' | 'server'): void
  /** @param ms how long the handshake took, where it came to its end */
  handshake(outcome: HandshakeOutcome, ms?: number): void
  /** A listener that requires access tickets has judged one, or the lack of one. */
  accessTicket(outcome: AccessTicketOutcome): void
  /** An attempt to resume came to its end. */
  resumption(result: ResumptionResult): void
  /** A PING was answered. */
  roundTrip(ms: number): void
}

export type ResumptionResult = 'accepted' | 'refused'

/** How an attempt of a client that led to no session is counted. */
export function clientOutcome(error: unknown): HandshakeOutcome {
  if (isAivError(error, 'E_HANDSHAKE_TIMEOUT')) return 'timeout'
  if (isAivError(error, 'E_LINK_LOST') || isAivError(error, 'E_ABORTED')) return 'lost'
  return 'failed'
}
