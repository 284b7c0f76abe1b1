/**
 * A resumed session before anything has come that the client alone could have sealed. A copied message 1 leads here as
 * well as the client's own, if it comes first: until then nothing is done for it, no ticket issued and no slot set free.
 */
import { unixSeconds } from '../../../core/index.ts'
import { CODE, codeName } from '../../codes.ts'
import {
  RESUMPTION_TICKETS_AFTER_RESUMPTION,
  type ResumptionTicketHolder,
  ResumptionTicketIssuer,
} from '../../resumption/index.ts'
import type { HtxSession } from '../htx-session.ts'
import type { AcceptorContext } from './acceptor-context.ts'

/** `ended`: what came was not genuine. `refused`: it was, but the client is no longer welcome. */
type Confirmation = 'waiting' | 'ended' | 'refused' | 'confirmed'

export class UnconfirmedSession {
  readonly session: HtxSession
  readonly #context: Pick<AcceptorContext, 'admits' | 'clock' | 'hasRoomForSession'>
  readonly #holder: ResumptionTicketHolder
  readonly #tickets: ResumptionTicketIssuer

  /** @param start begins the session with the tickets that it may issue */
  constructor(
    holder: ResumptionTicketHolder,
    context: Pick<AcceptorContext, 'admits' | 'clock' | 'hasRoomForSession' | 'records'>,
    start: (tickets: ResumptionTicketIssuer) => HtxSession,
  ) {
    this.#context = context
    this.#holder = holder
    this.#tickets = new ResumptionTicketIssuer(context.records, holder, RESUMPTION_TICKETS_AFTER_RESUMPTION)
    this.session = start(this.#tickets)
  }

  /** To be asked whenever bytes have come; not again once it was refused or confirmed. */
  confirm(): Confirmation {
    const { session } = this
    if (session.statistics.framesReceived === 0) return session.isOpen ? 'waiting' : 'ended'
    const code = this.#refusal()
    if (code !== undefined) {
      void session.close(code, codeName(code))
      return 'refused'
    }
    this.#tickets.issue()
    return 'confirmed'
  }

  /** Asked once more: a client may hold its first frame back until it is no longer welcome. */
  #refusal(): number | undefined {
    const { admits, clock, hasRoomForSession } = this.#context
    const { peer, certNotAfter } = this.#holder
    if (admits(peer) === 'no') return CODE.POLICY_REJECTED
    if (certNotAfter <= unixSeconds(clock)) return CODE.AUTH_FAILED
    // The client may try again when there is room.
    return hasRoomForSession() ? undefined : CODE.ENHANCE_CALM
  }
}
