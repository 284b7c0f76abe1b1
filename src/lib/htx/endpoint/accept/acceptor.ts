/**
 * One accepted link from its first byte to its session, in the order of section 3.5. Until message 1 is accepted
 * nothing is sent, whatever arrives; a link that fails is read from and ignored until a time-out that does not depend
 * on what was sent (section 15).
 */
import { type ErrorCode, isAivError, uniformReal } from '../../../core/index.ts'
import { addressPrefix, type Link, type LinkHandler } from '../../../link/index.ts'
import { CODE } from '../../codes.ts'
import { UNAUTHENTICATED_DELAY_MS } from '../../constants.ts'
import { HandshakeReader, type HandshakeResult, Responder } from '../../handshake/index.ts'
import { outerBinding } from '../binding.ts'
import { SessionDriver } from '../session-driver.ts'
import { startSession } from '../start-session.ts'
import type { AcceptorContext } from './acceptor-context.ts'
import { judgeClient } from './client-check.ts'

/** A discarded link closes this long after the listener's own draw, at most; milliseconds. */
const DISCARD_EXTRA_MS = 30_000
/** Our side of the link has ended; what the peer still sends is read and dropped for this long, milliseconds. */
const LINGER_MS = 2_000
/** What hostile bytes lead to. Any other error is one that the operator can do something about. */
const HOSTILE: readonly ErrorCode[] = ['E_MALFORMED', 'E_HANDSHAKE', 'E_AUTHENTICATION', 'E_CRYPTO']

type State = 'message-1' | 'message-3' | 'discard' | 'session' | 'closed'

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
    else if (this.#state === 'message-1' || this.#state === 'message-3') {
      this.#reader.push(chunk)
      this.#advance()
    }
  }

  end(): void {
    if (this.#state === 'session') this.#driver.end()
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
    if (before === 'message-1' || before === 'message-3') this.#context.onOutcome('lost')
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
    const responder = this.#createResponder(certificate)
    const inspection = responder.inspect(body)
    // Resumption suites are silent until tickets exist: no handle is known.
    if (
      inspection === undefined ||
      inspection.handle !== undefined ||
      message1.has(inspection.cacheKey) ||
      !responder.open() ||
      !(await message1.insert(inspection.cacheKey))
    ) {
      this.#discardSilently()
      return
    }
    if (this.#state !== 'message-1') return
    const reply = responder.reply()
    this.#link.write([reply.message2])
    if (reply.error !== undefined) {
      this.#context.onOutcome('refused')
      this.#shut()
      return
    }
    this.#state = 'message-3'
  }

  #createResponder(certificate: Uint8Array): Responder {
    const { address, linkName, hello, clock, random, identity, pq, firstContact } = this.#context
    const ekm = outerBinding(address, this.#link)
    this.#responder = new Responder({
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
    return this.#responder
  }

  async #message3(body: Uint8Array): Promise<void> {
    const responder = this.#responder as Responder
    const message3 = responder.readMessage3(body)
    const { peer, refusal } =
      'closeCode' in message3
        ? { peer: '', refusal: message3.closeCode }
        : await judgeClient(message3.certificate, responder.remoteStatic as Uint8Array, this.#context)
    if (this.#state !== 'message-3') return
    // Asked last: other links may have taken the room while the record was written.
    const full = refusal === undefined && !this.#context.hasRoomForSession()
    this.#open(responder.finish(), peer, full ? CODE.POLICY_REJECTED : refusal)
  }

  #open(result: HandshakeResult, peer: string, refuseWith: number | undefined): void {
    this.#leave()
    this.#state = 'session'
    this.#context.pending.delete(this)
    const { clock, random, limits, rekey, memory, observer, onSession, onOutcome } = this.#context
    const session = startSession({
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
      ...(refuseWith === undefined ? {} : { refuseWith }),
    })
    onOutcome(refuseWith === undefined ? 'accepted' : 'refused', clock.now() - this.#acceptedAt)
    if (refuseWith === undefined) onSession(session)
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
