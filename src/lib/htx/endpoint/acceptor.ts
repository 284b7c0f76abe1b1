/**
 * One accepted link from its first byte to its session, in the order of section 3.5. Until message 1 is accepted
 * nothing is sent, whatever arrives; a link that fails is read from and ignored until a time-out that does not depend
 * on what was sent (section 15).
 */
import { isAivError, type RandomSource, type TimerClock, uniformReal } from '../../core/index.ts'
import { verifyCertificate } from '../../identity/index.ts'
import type { Link, LinkHandler } from '../../link/index.ts'
import type { HtxAddress } from '../address.ts'
import { CODE } from '../codes.ts'
import { UNAUTHENTICATED_DELAY_MS } from '../constants.ts'
import {
  HandshakeReader,
  type HandshakeResult,
  type LinkName,
  type LocalHello,
  type PqPolicy,
  Responder,
} from '../handshake/index.ts'
import type { Message1Cache } from '../handshake/message1-cache.ts'
import { addressPrefix } from './address-prefix.ts'
import type { Admission } from './admission.ts'
import { outerBinding } from './binding.ts'
import type { HtxSession } from './htx-session.ts'
import type { EndpointIdentity, PeerTrust } from './peer-trust.ts'
import { SessionDriver } from './session-driver.ts'
import { type SessionSettings, startSession } from './start-session.ts'

/** A discarded link closes this long after the listener's own draw, at most; milliseconds. */
const DISCARD_EXTRA_MS = 30_000

export interface AcceptorContext extends SessionSettings {
  readonly address: HtxAddress
  readonly linkName: LinkName
  readonly clock: TimerClock
  readonly random: RandomSource
  readonly identity: EndpointIdentity
  readonly trust: PeerTrust
  readonly hello: LocalHello
  readonly pq: () => PqPolicy
  readonly firstContact: boolean
  readonly admission: Admission
  readonly message1: Message1Cache
  readonly handshakeDeadlineMs: number
  /** Drawn once per listener: when silent links are closed, milliseconds after their accept. */
  readonly discardMs: number
  /** How the access list knows the peer: by name, by the wildcard, or not at all. */
  readonly admits: (peer: string) => 'named' | 'wildcard' | 'no'
  readonly hasRoomForSession: () => boolean
  readonly onSession: (session: HtxSession) => void
  readonly onOutcome: (outcome: HandshakeOutcome) => void
}

export type HandshakeOutcome =
  | 'accepted'
  | 'silent'
  | 'refused'
  | 'failed'
  | 'timeout'
  | 'lost'
  | 'not-admitted'

type State = 'message-1' | 'message-3' | 'discard' | 'session' | 'closed'

export class Acceptor implements LinkHandler {
  readonly #link: Link
  readonly #context: AcceptorContext
  readonly #prefix: string
  readonly #reader = new HandshakeReader()
  readonly #driver: SessionDriver
  readonly #responder: Responder | undefined
  readonly #linkClosed: Promise<void>
  readonly #release: (() => void)[] = []
  readonly #acceptedAt: number
  #resolveClosed: () => void = () => {}
  #state: State = 'message-1'
  #busy = false
  #cancelDeadline: () => void = () => {}

  private constructor(link: Link, context: AcceptorContext, certificate: Uint8Array) {
    const ekm = outerBinding(context.address, link)
    this.#link = link
    this.#context = context
    this.#prefix = addressPrefix(link.remoteAddress)
    this.#acceptedAt = context.clock.now()
    this.#linkClosed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#driver = new SessionDriver(link, context.clock, () => this.#resolveClosed())
    this.#responder = new Responder({
      link: context.linkName,
      ...(ekm === undefined ? {} : { ekm }),
      hello: context.hello,
      clock: context.clock,
      random: context.random,
      staticKey: context.identity.staticKey,
      certificate,
      pq: context.pq(),
      firstContact: context.firstContact,
    })
  }

  /** Takes a link that was just accepted. */
  static async take(link: Link, context: AcceptorContext): Promise<void> {
    const prefix = addressPrefix(link.remoteAddress)
    if (!context.admission.mayDiscard(prefix)) {
      context.onOutcome('not-admitted')
      link.attach(IGNORE)
      link.end()
      return
    }
    const acceptor = new Acceptor(link, context, await context.identity.certificate())
    acceptor.#start()
  }

  #start(): void {
    const { admission, clock, handshakeDeadlineMs } = this.#context
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

  close(error?: Error): void {
    const before = this.#state
    this.#leave()
    this.#state = 'closed'
    if (before === 'message-1' || before === 'message-3') this.#context.onOutcome('lost')
    this.#responder?.erase()
    this.#driver.close()
    void error
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
        if (!isAivError(error)) throw error
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
    const responder = this.#responder as Responder
    const inspection = admission.admit(this.#prefix) ? responder.inspect(body) : undefined
    // Resumption suites are silent until tickets exist: no handle is known.
    if (inspection === undefined || inspection.handle !== undefined || message1.has(inspection.cacheKey)) {
      this.#discardSilently()
      return
    }
    if (!responder.open() || !(await message1.insert(inspection.cacheKey))) {
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

  async #message3(body: Uint8Array): Promise<void> {
    const { identity, trust, admits, clock } = this.#context
    const responder = this.#responder as Responder
    const message3 = responder.readMessage3(body)
    if ('closeCode' in message3) {
      this.#open(responder.finish(), '', message3.closeCode)
      return
    }
    let peer = ''
    let refusal: number | undefined
    try {
      const certificate = verifyCertificate(message3.certificate, {
        staticKey: responder.remoteStatic as Uint8Array,
        clock,
      })
      peer = certificate.peer
      const admitted = admits(peer)
      if (admitted === 'no' || !this.#context.hasRoomForSession()) refusal = CODE.POLICY_REJECTED
      else if (peer !== identity.peer) await trust.record(certificate, admitted === 'named')
    } catch (error) {
      if (!isAivError(error, 'E_CERTIFICATE')) throw error
      refusal = CODE.AUTH_FAILED
    }
    if (this.#state === 'message-3') this.#open(responder.finish(), peer, refusal)
  }

  #open(result: HandshakeResult, peer: string, refuseWith: number | undefined): void {
    this.#leave()
    this.#state = 'session'
    const { clock, random, limits, rekey, mayGrow, onSession, onOutcome } = this.#context
    const session = startSession({
      role: 'server',
      clock,
      random,
      ...(limits === undefined ? {} : { limits }),
      ...(rekey === undefined ? {} : { rekey }),
      ...(mayGrow === undefined ? {} : { mayGrow }),
      link: this.#link,
      driver: this.#driver,
      linkClosed: this.#linkClosed,
      result,
      peer,
      rest: this.#reader.takeRest(),
      ...(refuseWith === undefined ? {} : { refuseWith }),
    })
    onOutcome(refuseWith === undefined ? 'accepted' : 'refused')
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
    const { clock, random } = this.#context
    clock.schedule(uniformReal(random, 0, UNAUTHENTICATED_DELAY_MS), () => this.#shut())
  }

  #discardSilently(): void {
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

  /** Ends without a reset: everything the peer sent has been read. */
  #shut(): void {
    if (this.#state === 'closed') return
    this.#leave()
    this.#state = 'discard'
    this.#link.end()
    const cancel = this.#context.clock.schedule(2_000, () => this.#link.abort())
    this.#release.push(cancel)
  }

  #leave(): void {
    this.#cancelDeadline()
    for (const release of this.#release.splice(0)) release()
  }
}

const IGNORE: LinkHandler = { data: () => {}, end: () => {}, drain: () => {}, close: () => {} }
