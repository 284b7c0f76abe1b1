/**
 * One accepted link from its first byte to its session, in the order of section 3.5. Until message 1 is accepted
 * nothing is sent, whatever arrives; a link that fails is read from and ignored until a time-out that does not depend
 * on what was sent (section 15).
 */
import { type ErrorCode, isAivError, uniformReal, unixSeconds } from '../../../core/index.ts'
import { parseCertificate } from '../../../identity/index.ts'
import { addressPrefix, type Link, type LinkHandler } from '../../../link/index.ts'
import { CODE, codeName } from '../../codes.ts'
import { UNAUTHENTICATED_DELAY_MS } from '../../constants.ts'
import { HandshakeReader, type HandshakeResult, Responder } from '../../handshake/index.ts'
import {
  beginChain,
  TICKETS_AFTER_FULL,
  TICKETS_AFTER_RESUMPTION,
  type TicketHolder,
  TicketIssuer,
} from '../../resumption/index.ts'
import type { TicketBinding } from '../../ticket/index.ts'
import { outerBinding, ticketBinding } from '../binding.ts'
import type { HtxSession } from '../htx-session.ts'
import { SessionDriver } from '../session-driver.ts'
import { startSession } from '../start-session.ts'
import type { AcceptorContext } from './acceptor-context.ts'
import { judgeClient } from './client-check.ts'
import { openMessage1 } from './message1.ts'

/** A discarded link closes this long after the listener's own draw, at most; milliseconds. */
const DISCARD_EXTRA_MS = 30_000
/** Our side of the link has ended; what the peer still sends is read and dropped for this long, milliseconds. */
const LINGER_MS = 2_000
/** What hostile bytes lead to. Any other error is one that the operator can do something about. */
const HOSTILE: readonly ErrorCode[] = ['E_MALFORMED', 'E_HANDSHAKE', 'E_AUTHENTICATION', 'E_CRYPTO']

/** `unconfirmed`: resumed, but nothing has come yet that only the client itself could have sealed. */
type State = 'message-1' | 'message-3' | 'unconfirmed' | 'discard' | 'session' | 'closed'

export class Acceptor implements LinkHandler {
  readonly #link: Link
  readonly #context: AcceptorContext
  readonly #prefix: string
  readonly #reader = new HandshakeReader()
  readonly #driver: SessionDriver
  readonly #linkClosed: Promise<void>
  readonly #release: (() => void)[] = []
  readonly #acceptedAt: number
  #responder: Responder | undefined
  #certificate: Uint8Array | undefined
  #unconfirmed:
    | { readonly session: HtxSession; readonly tickets: TicketIssuer; readonly holder: TicketHolder }
    | undefined
  #resolveClosed: () => void = () => {}
  #state: State = 'message-1'
  #busy = false
  #cancelDeadline: () => void = () => {}

  private constructor(link: Link, context: AcceptorContext) {
    this.#link = link
    this.#context = context
    this.#prefix = addressPrefix(link.remoteAddress)
    this.#acceptedAt = context.clock.now()
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
    const { admission, clock, handshakeDeadlineMs, pending } = this.#context
    pending.add(this)
    const leave = admission.enterHandshake(this.#prefix)
    if (leave === undefined) this.#discard()
    else {
      this.#release.push(leave)
      this.#cancelDeadline = clock.schedule(handshakeDeadlineMs, () => this.#deadline())
    }
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
    this.#leave()
    this.#state = 'closed'
    this.#context.pending.delete(this)
    if (before !== 'discard' && before !== 'session') this.#context.onOutcome('lost')
    this.#responder?.erase()
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
    const { admission, message1 } = this.#context
    if (!admission.admit(this.#prefix)) {
      this.#discardSilently()
      return
    }
    const certificate = await this.#context.identity.certificate()
    if (this.#state !== 'message-1') return
    const { responder, binding } = this.#createResponder(certificate)
    const inspection = responder.inspect(body)
    if (inspection === undefined || message1.has(inspection.cacheKey)) {
      this.#discardSilently()
      return
    }
    const opened = await openMessage1(responder, inspection, this.#context, { prefix: this.#prefix, binding })
    // Awaited below; until then a failure is nobody's.
    opened?.used?.catch(() => {})
    if (opened === undefined || !(await message1.insert(inspection.cacheKey))) {
      this.#discardSilently()
      return
    }
    if (this.#state !== 'message-1') {
      responder.erase()
      return
    }
    const reply = responder.reply()
    if ((await opened.used) === false) {
      this.#discardSilently()
      return
    }
    if (this.#state !== 'message-1') return
    this.#link.write([reply.message2])
    if (reply.error !== undefined) {
      this.#context.onOutcome('refused')
      this.#shut()
      return
    }
    if (opened.holder === undefined) this.#state = 'message-3'
    else this.#resume(responder, opened.holder)
  }

  #createResponder(certificate: Uint8Array): {
    readonly responder: Responder
    readonly binding: TicketBinding
  } {
    const { address, linkName, hello, clock, random, identity, pq, firstContact } = this.#context
    const ekm = outerBinding(address, this.#link)
    const binding = ticketBinding(identity.staticKey.publicKey, ekm)
    this.#certificate = certificate
    const responder = new Responder({
      link: linkName,
      ...(ekm === undefined ? {} : { ekm }),
      hello,
      clock,
      random,
      staticKey: identity.staticKey,
      certificate,
      pq: pq(),
      firstContact,
    })
    this.#responder = responder
    return { responder, binding }
  }

  async #message3(body: Uint8Array): Promise<void> {
    const responder = this.#responder as Responder
    const message3 = responder.readMessage3(body)
    const { peer, refusal, certificate } =
      'closeCode' in message3
        ? { peer: '', refusal: message3.closeCode, certificate: undefined }
        : await judgeClient(message3.certificate, responder.remoteStatic as Uint8Array, this.#context)
    if (this.#state !== 'message-3') return
    // Asked last: other links may have taken the room, or the operator the permission, while the record was written.
    const { admits, hasRoomForSession, records, clock } = this.#context
    const result = responder.finish()
    if (certificate === undefined || admits(peer) === 'no' || !hasRoomForSession()) {
      this.#admit(this.#begin(result, peer, refusal ?? CODE.POLICY_REJECTED), true)
      return
    }
    const own = parseCertificate(this.#certificate as Uint8Array)
    const holder = {
      peer,
      x: certificate.noisePublic,
      certHash: certificate.hash,
      hybrid: result.suite.hybrid,
      ...beginChain(clock, own.notAfter, certificate.notAfter),
    }
    const tickets = new TicketIssuer(records, holder, TICKETS_AFTER_FULL)
    const session = this.#begin(result, peer, tickets)
    tickets.issue()
    this.#admit(session, false)
  }

  /**
   * A copied message 1 leads here as well as the client's own, if it comes first. Nothing is done for it, no ticket
   * issued and no slot set free, before a frame has come that the client alone could seal.
   */
  #resume(responder: Responder, holder: TicketHolder): void {
    const tickets = new TicketIssuer(this.#context.records, holder, TICKETS_AFTER_RESUMPTION)
    this.#state = 'unconfirmed'
    this.#unconfirmed = { session: this.#begin(responder.finish(), holder.peer, tickets), tickets, holder }
    this.#confirm()
  }

  #confirm(): void {
    if (this.#unconfirmed === undefined) return
    const { session, tickets, holder } = this.#unconfirmed
    if (session.statistics.framesReceived === 0) {
      // A frame that is not genuine: the deadline must not cut the delay of its answer short.
      if (!session.isOpen) this.#cancelDeadline()
      return
    }
    this.#unconfirmed = undefined
    const { admits, clock, hasRoomForSession } = this.#context
    // Asked once more: a client may hold this frame back until it is no longer welcome.
    const refused =
      admits(holder.peer) === 'no' || holder.certNotAfter <= unixSeconds(clock) || !hasRoomForSession()
    if (refused) void session.close(CODE.POLICY_REJECTED, codeName(CODE.POLICY_REJECTED))
    else tickets.issue()
    this.#admit(session, refused)
  }

  /** @param then tickets for a client that may come in, or the code of the CLOSE */
  #begin(result: HandshakeResult, peer: string, then: TicketIssuer | number): HtxSession {
    const { clock, random, limits, rekey, memory, observer } = this.#context
    return startSession({
      role: 'server',
      clock,
      random,
      ...(limits === undefined ? {} : { limits }),
      ...(rekey === undefined ? {} : { rekey }),
      memory,
      ...(observer === undefined ? {} : { observer }),
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
    this.#leave()
    this.#state = 'session'
    this.#context.pending.delete(this)
    const { clock, onOutcome, onSession } = this.#context
    onOutcome(refused ? 'refused' : 'accepted', clock.now() - this.#acceptedAt)
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
    this.#responder?.erase()
    // The slot stays taken, so that failing is not cheaper than waiting; the deadline must not cut the delay short.
    this.#cancelDeadline()
    const { clock, random } = this.#context
    this.#release.push(clock.schedule(uniformReal(random, 0, UNAUTHENTICATED_DELAY_MS), () => this.#shut()))
  }

  #discardSilently(): void {
    // The link went, or its deadline came, while message 1 was being recorded: that was its outcome.
    if (this.#state !== 'message-1') return
    this.#context.onOutcome('silent')
    this.#discard()
  }

  #discard(): void {
    if (this.#state === 'closed') return
    const { admission, clock, random, discardMs } = this.#context
    this.#leave()
    this.#state = 'discard'
    this.#responder?.erase()
    this.#reader.takeRest()
    this.#release.push(admission.enterDiscard(this.#prefix))
    const age = clock.now() - this.#acceptedAt
    const after = discardMs + uniformReal(random, 0, DISCARD_EXTRA_MS) - age
    this.#release.push(clock.schedule(after, () => this.#shut()))
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
    this.#leave()
    if (this.#unconfirmed !== undefined) {
      this.#state = 'session'
      void this.#unconfirmed.session.close(CODE.GOING_AWAY)
      this.#unconfirmed = undefined
      return
    }
    this.#state = 'discard'
    this.#responder?.erase()
    this.#link.close(LINGER_MS)
  }

  #leave(): void {
    this.#cancelDeadline()
    for (const release of this.#release.splice(0)) release()
  }
}

const IGNORE: LinkHandler = { data: () => {}, end: () => {}, drain: () => {}, close: () => {} }
