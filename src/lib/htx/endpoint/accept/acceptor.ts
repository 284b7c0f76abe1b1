/**
 * One accepted link from its first byte to its session, in the order of section 3.5. Until message 1 is accepted
 * nothing is sent, whatever arrives; a link that fails is read from and ignored until a time-out that does not depend
 * on what was sent (section 15).
 */
import { type ErrorCode, isAivError } from '../../../core/index.ts'
import { addressPrefix, type Link, type LinkHandler } from '../../../link/index.ts'
import { CODE } from '../../codes.ts'
import { HandshakeReader, type HandshakeResult } from '../../handshake/index.ts'
import { TracedLink } from '../../recording/index.ts'
import {
  RESUMPTION_TICKETS_AFTER_FULL,
  type ResumptionTicketHolder,
  ResumptionTicketIssuer,
} from '../../resumption/index.ts'
import type { HtxSession } from '../htx-session.ts'
import { SessionDriver } from '../session-driver.ts'
import { startSession } from '../start-session.ts'
import type { AcceptorContext } from './acceptor-context.ts'
import { ClientHandshake } from './client-handshake.ts'
import { SessionlessStay } from './sessionless-stay.ts'
import { UnconfirmedSession } from './unconfirmed-session.ts'

/** Our side of the link has ended; what the peer still sends is read and dropped for this long, milliseconds. */
const LINGER_MS = 2_000
/** What hostile bytes lead to. Any other error is one that the operator can do something about. */
const HOSTILE: readonly ErrorCode[] = ['E_MALFORMED', 'E_HANDSHAKE', 'E_AUTHENTICATION', 'E_CRYPTO']

/** `unconfirmed`: resumed, but nothing has come yet that only the client itself could have sealed. */
type State = 'message-1' | 'message-3' | 'unconfirmed' | 'discard' | 'session' | 'closed'

export class Acceptor implements LinkHandler {
  readonly #link: Link
  readonly #context: AcceptorContext
  readonly #reader = new HandshakeReader()
  readonly #driver: SessionDriver
  readonly #linkClosed: Promise<void>
  readonly #stay: SessionlessStay
  readonly #handshake: ClientHandshake
  #unconfirmed: UnconfirmedSession | undefined
  #resolveClosed: () => void = () => {}
  #state: State = 'message-1'
  #busy = false

  private constructor(link: Link, context: AcceptorContext) {
    this.#link = link
    this.#context = context
    const prefix = addressPrefix(link.remoteAddress)
    this.#stay = new SessionlessStay(context, prefix)
    this.#handshake = new ClientHandshake(link, context, prefix)
    this.#linkClosed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#driver = new SessionDriver(link, context.clock, () => this.#resolveClosed())
  }

  /** Takes a link that was just accepted. */
  static take(link: Link, context: AcceptorContext): void {
    if (context.admission.mayDiscard(addressPrefix(link.remoteAddress))) {
      new Acceptor(link, context).#start()
      return
    }
    context.onOutcome('not-admitted')
    link.attach(IGNORE)
    link.close(LINGER_MS)
  }

  /** Ends the link if it has no session yet: the listener closes. */
  stop(): void {
    this.#shut()
  }

  #start(): void {
    this.#context.pending.add(this)
    if (!this.#stay.enterHandshake(() => this.#deadline())) this.#discard()
    this.#link.attach(this)
  }

  // LinkHandler

  data(chunk: Uint8Array): void {
    if (this.#state === 'session') this.#driver.data(chunk)
    else if (this.#state === 'unconfirmed') {
      this.#driver.data(chunk)
      this.#confirm()
    } else if (this.#state === 'message-1' || this.#state === 'message-3') {
      this.#reader.push(chunk)
      this.#advance()
    }
  }

  end(): void {
    if (this.#state === 'session' || this.#state === 'unconfirmed') this.#driver.end()
    else if (!this.#busy) this.#link.end()
  }

  drain(): void {
    this.#driver.drain()
  }

  close(): void {
    const before = this.#state
    this.#stay.leave()
    this.#state = 'closed'
    this.#context.pending.delete(this)
    if (before !== 'discard' && before !== 'session') this.#context.onOutcome('lost')
    this.#handshake.erase()
    this.#driver.close()
  }

  #advance(): void {
    if (this.#busy) return
    let body: Uint8Array | undefined
    try {
      body = this.#reader.next()
    } catch (error) {
      if (!isAivError(error)) throw error
      this.#fail()
      return
    }
    if (body === undefined) return
    this.#busy = true
    // What comes meanwhile waits in the transport: the buffer of a handshake stays small.
    this.#link.pause()
    const step = this.#state === 'message-1' ? this.#message1(body) : this.#message3(body)
    step
      .catch((error: unknown) => {
        if (!HOSTILE.some((code) => isAivError(error, code))) this.#context.onError(error as Error)
        this.#fail()
      })
      .finally(() => {
        this.#busy = false
        if (this.#state === 'closed') return
        this.#link.resume()
        if (this.#state === 'message-3') this.#advance()
      })
  }

  async #message1(body: Uint8Array): Promise<void> {
    const answer = await this.#handshake.message1(body)
    if (answer === undefined || this.#state !== 'message-1') {
      this.#discardSilently()
      return
    }
    const { reply, resumed } = answer
    this.#link.write([reply.message2])
    if (reply.error !== undefined) {
      this.#context.onOutcome('refused')
      this.#shut()
      return
    }
    if (resumed === undefined) {
      this.#state = 'message-3'
      return
    }
    // A link gathers what is written in one turn: the answer leaves before the session is made, not behind that.
    await new Promise<void>((resolve) => process.nextTick(resolve))
    if (this.#state === 'message-1') this.#resume(resumed)
  }

  async #message3(body: Uint8Array): Promise<void> {
    const verdict = await this.#handshake.message3(body)
    if (this.#state !== 'message-3') return
    const full = this.#handshake.finish(verdict)
    const { result, peer, holder } = full
    if (holder === undefined) {
      this.#admit(this.#begin(result, peer, full.refuseWith), true)
      return
    }
    const tickets = new ResumptionTicketIssuer(this.#context.records, holder, RESUMPTION_TICKETS_AFTER_FULL)
    const session = this.#begin(result, peer, tickets)
    tickets.issue()
    this.#admit(session, false)
  }

  #resume(holder: ResumptionTicketHolder): void {
    this.#state = 'unconfirmed'
    const result = this.#handshake.finishResumed()
    this.#unconfirmed = new UnconfirmedSession(holder, this.#context, (tickets) =>
      this.#begin(result, holder.peer, tickets),
    )
    this.#confirm()
  }

  #confirm(): void {
    const unconfirmed = this.#unconfirmed
    if (unconfirmed === undefined) return
    const confirmation = unconfirmed.confirm()
    if (confirmation === 'waiting') return
    if (confirmation === 'ended') {
      // The session ends, with a delay of its own.
      this.#stay.dropDeadline()
      return
    }
    this.#unconfirmed = undefined
    this.#admit(unconfirmed.session, confirmation === 'refused')
  }

  /** @param then tickets for a client that may come in, or the code of the CLOSE */
  #begin(result: HandshakeResult, peer: string, then: ResumptionTicketIssuer | number): HtxSession {
    return startSession({
      ...this.#context,
      role: 'server',
      link: this.#link,
      driver: this.#driver,
      linkClosed: this.#linkClosed,
      result,
      peer,
      rest: this.#reader.takeRest(),
      ...(typeof then === 'number' ? { refuseWith: then } : { tickets: then }),
    })
  }

  #admit(session: HtxSession, refused: boolean): void {
    this.#stay.leave()
    this.#state = 'session'
    this.#context.pending.delete(this)
    const { onOutcome, onSession } = this.#context
    onOutcome(refused ? 'refused' : 'accepted', this.#stay.ageMs)
    if (!refused) onSession(session)
  }

  /** A message that is not genuine: silence before message 1 is accepted, a late and wordless end after it. */
  #fail(): void {
    if (this.#state === 'message-1') {
      this.#discardSilently()
      return
    }
    if (this.#state !== 'message-3') return
    this.#context.onOutcome('failed')
    this.#state = 'discard'
    this.#handshake.erase()
    this.#stay.endLate(() => this.#shut())
  }

  #discardSilently(): void {
    // The link went, or its deadline came, while message 1 was being recorded: that was its outcome.
    if (this.#state !== 'message-1') return
    this.#context.onOutcome('silent')
    this.#discard()
  }

  #discard(): void {
    if (this.#state === 'closed') return
    this.#state = 'discard'
    this.#handshake.erase()
    this.#reader.takeRest()
    if (this.#link instanceof TracedLink) this.#link.discarded()
    this.#stay.enterDiscard(() => this.#shut())
  }

  #deadline(): void {
    if (this.#state === 'message-1') {
      this.#discardSilently()
      return
    }
    this.#context.onOutcome('timeout')
    this.#shut()
  }

  /** Ends without a reset: what the peer sent, and still sends, is read. */
  #shut(): void {
    if (this.#state === 'closed') return
    this.#stay.leave()
    if (this.#unconfirmed !== undefined) {
      this.#state = 'session'
      void this.#unconfirmed.session.close(CODE.GOING_AWAY)
      this.#unconfirmed = undefined
      return
    }
    this.#state = 'discard'
    this.#handshake.erase()
    this.#link.close(LINGER_MS)
  }
}

const IGNORE: LinkHandler = { data: () => {}, end: () => {}, drain: () => {}, close: () => {} }
