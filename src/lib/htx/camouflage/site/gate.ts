/**
 * Who comes in (HTX sections 9.4 and 10.3). Every request runs through here, with the same work whatever it carries;
 * the answer is known to this program only.
 */
import type {
  AccessTicketOutcome,
  AccessTicketVerifier,
  TicketSite,
  TicketVersion,
} from '../../ticket/index.ts'
import { type Candidates, findCandidates } from './candidates.ts'
import { SESSION_COOKIE, SESSION_COOKIE_ATTRIBUTES } from './constants.ts'
import { type HeaderFields, pathOf } from './site-request.ts'
import type { Visit } from './visit.ts'

export interface GateOptions {
  /** Where upgrades become links. */
  readonly path: string
  readonly site: TicketSite
  readonly verifier: AccessTicketVerifier
  readonly versions: readonly TicketVersion[]
  /** What became of each ticket that could have led to a link. */
  readonly onTicket?: (outcome: AccessTicketOutcome) => void
  readonly onError: (error: Error) => void
}

export interface Knock {
  readonly method: string
  readonly target: string
  readonly fields: HeaderFields
  /** True for a correct request for a WebSocket. */
  readonly wantsWebSocket: boolean
  /** The whole body of a form POST. */
  readonly form: Uint8Array | undefined
}

export interface Verdict {
  readonly admitted: boolean
  /** What every answer to a form POST gets on top. */
  readonly extraFields: HeaderFields
}

export class Gate {
  readonly #options: GateOptions

  constructor(options: GateOptions) {
    this.#options = options
  }

  async judge(knock: Knock, visit: Visit): Promise<Verdict> {
    const { path, site } = this.#options
    const { method, target, fields, form } = knock
    const candidates = findCandidates({ target, fields, form, cookieName: site.cookieName })
    const wantsLink = knock.wantsWebSocket && pathOf(target) === path
    const isForm = method === 'POST' && pathOf(target) === site.path
    // Taken even where no link can come of it: the comparison is part of the work.
    const hasSession = visit.takeSession(wantsLink ? (candidates.session ?? '') : '')
    const accepted = await this.#accepts(this.#ticketOf(candidates, visit, { wantsLink, isForm }), visit)
    if (!isForm) {
      const bySession = hasSession && candidates.count === 0
      return { admitted: wantsLink && (accepted || bySession), extraFields: [] }
    }
    const value = visit.newSessionValue()
    if (accepted) visit.rememberSession(value)
    const cookie = `${SESSION_COOKIE}=${value}; ${SESSION_COOKIE_ATTRIBUTES}`
    return { admitted: false, extraFields: [['Set-Cookie', cookie]] }
  }

  /** The ticket of a request that can lead to a link; those of all others stay unused. */
  #ticketOf(
    { ticket }: Candidates,
    { exporter }: Visit,
    { wantsLink, isForm }: { readonly wantsLink: boolean; readonly isForm: boolean },
  ): Uint8Array | undefined {
    if (ticket === undefined || exporter === undefined) return undefined
    return (ticket.carrier === 'body' ? isForm : wantsLink) ? ticket.payload : undefined
  }

  async #accepts(payload: Uint8Array | undefined, visit: Visit): Promise<boolean> {
    const { verifier, versions, onTicket, onError } = this.#options
    const { prefix, binding } = visit
    try {
      const outcome = await verifier.checkUniformly(payload, { prefix, binding, versions })
      if (outcome !== 'absent') onTicket?.(outcome)
      return outcome === 'accepted'
    } catch (error) {
      onError(error as Error)
      return false
    }
  }
}
