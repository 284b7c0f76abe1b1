/** One handshake of a client on one link: a full one, or the resumption of an earlier session. */
import {
  AivError,
  type ErrorCode,
  isAivError,
  type RandomSource,
  type TimerClock,
} from '../../../core/index.ts'
import { erase, systemRandom } from '../../../crypto/index.ts'
import { parseCertificate, verifyCertificate } from '../../../identity/index.ts'
import type { Link, LinkHandler } from '../../../link/index.ts'
import type { HtxAddress } from '../../address.ts'
import { HANDSHAKE_DEADLINE_MS } from '../../constants.ts'
import {
  HandshakeReader,
  type HandshakeResult,
  Initiator,
  type PqPolicy,
  suiteToStart,
} from '../../handshake/index.ts'
import { clientOutcome } from '../../observe/observer.ts'
import {
  beginChain,
  RESUMPTION_TICKETS_AFTER_FULL,
  RESUMPTION_TICKETS_AFTER_RESUMPTION,
  RESUMPTION_WAIT_MS,
  type ResumptionChain,
  ResumptionTicketCollector,
  type TakenTicket,
} from '../../resumption/index.ts'
import { buildTicket } from '../../ticket/index.ts'
import { accessTicketBinding, outerBinding } from '../binding.ts'
import type { HtxSession } from '../htx-session.ts'
import { linkOf } from '../listen.ts'
import { localHello } from '../local-hello.ts'
import { MemoryBudget } from '../memory-budget.ts'
import { EndpointIdentity, forgetfulTrust } from '../peer-trust.ts'
import { SessionDriver } from '../session-driver.ts'
import { startSession } from '../start-session.ts'
import type { ConnectOptions } from './connect-options.ts'

/** What Noise and HELLO throw for bytes that no honest listener sends. */
const HOSTILE: readonly ErrorCode[] = ['E_MALFORMED', 'E_AUTHENTICATION', 'E_CRYPTO']

/** Runs once. */
export class ConnectAttempt implements LinkHandler {
  readonly #link: Link
  readonly #address: HtxAddress
  readonly #options: ConnectOptions
  readonly #clock: TimerClock
  readonly #random: RandomSource
  readonly #x: Uint8Array | undefined
  readonly #pq: PqPolicy
  readonly #resumptionTicket: TakenTicket | undefined
  readonly #reader = new HandshakeReader()
  readonly #driver: SessionDriver
  readonly #linkClosed: Promise<void>
  #resolveClosed: () => void = () => {}
  #established = false
  #onMessage: (() => void) | undefined
  #failure: AivError | undefined
  readonly #failed = Promise.withResolvers<never>()

  constructor(
    link: Link,
    address: HtxAddress,
    x: Uint8Array | undefined,
    pq: PqPolicy,
    clock: TimerClock,
    options: ConnectOptions,
    resumptionTicket: TakenTicket | undefined,
  ) {
    this.#link = link
    this.#address = address
    this.#x = x
    this.#pq = pq
    this.#resumptionTicket = resumptionTicket
    this.#clock = clock
    this.#options = options
    this.#random = options.random ?? systemRandom
    this.#linkClosed = new Promise((resolve) => {
      this.#resolveClosed = resolve
    })
    this.#driver = new SessionDriver(link, clock, () => this.#resolveClosed())
  }

  async run(): Promise<HtxSession> {
    const { signal, observer, handshakeTimeoutMs = HANDSHAKE_DEADLINE_MS } = this.#options
    const begun = this.#clock.now()
    const waitMs =
      this.#resumptionTicket === undefined
        ? handshakeTimeoutMs
        : Math.min(handshakeTimeoutMs, RESUMPTION_WAIT_MS)
    const cancel = this.#clock.schedule(waitMs, () => this.#fail(silence(waitMs)))
    const onAbort = (): void => this.#fail(new AivError('E_ABORTED', 'the connection attempt was given up'))
    signal?.addEventListener('abort', onAbort, { once: true })
    // Unless the handshake is still waiting when it comes, nobody else looks at it.
    this.#failed.promise.catch(() => {})
    try {
      if (signal?.aborted === true) onAbort()
      // A store or a key file that hangs must not outlast the deadline.
      const session = await Promise.race([
        this.#failed.promise,
        this.#resumptionTicket === undefined ? this.#handshake() : this.#resume(this.#resumptionTicket),
      ])
      observer?.handshake('accepted', this.#clock.now() - begun)
      if (this.#resumptionTicket !== undefined) observer?.resumption('accepted')
      return session
    } catch (error) {
      this.#driver.abort()
      const failure = this.#failure ?? error
      observer?.handshake(clientOutcome(failure))
      if (this.#resumptionTicket !== undefined) observer?.resumption('refused')
      throw failure
    } finally {
      // Also when something failed before it was used.
      if (this.#resumptionTicket !== undefined) erase(this.#resumptionTicket.ticket.psk)
      cancel()
      signal?.removeEventListener('abort', onAbort)
    }
  }

  async #handshake(): Promise<HtxSession> {
    if (this.#failure !== undefined) throw this.#failure
    const { trust = forgetfulTrust, parameters, resumption } = this.#options
    const identity = new EndpointIdentity(this.#options, this.#clock, this.#random)
    const own = await identity.certificate()
    if (this.#failure !== undefined) throw this.#failure
    const ekm = outerBinding(this.#address, this.#link)
    const accessTicket = this.#newAccessTicket(ekm)
    const initiator = new Initiator({
      ...(ekm === undefined ? {} : { ekm }),
      suite: suiteToStart(this.#pq, this.#x === undefined ? 'XX' : 'XK'),
      link: linkOf(this.#address).name,
      hello: localHello(parameters, this.#options.spec),
      clock: this.#clock,
      random: this.#random,
      staticKey: identity.staticKey,
      certificate: own,
      ...(this.#x === undefined ? {} : { remoteStatic: this.#x }),
      ...(accessTicket === undefined ? {} : { accessTicket }),
    })
    try {
      if (this.#failure !== undefined) throw this.#failure
      this.#link.attach(this)
      this.#link.write([initiator.start()])
      const message2 = await this.#nextMessage()
      // The server has nothing to say before message 3; whatever it sends waits in the transport.
      this.#link.pause()
      const { certificate, remoteStatic } = genuine(() => initiator.readMessage2(message2))
      const verified = verifyCertificate(certificate as Uint8Array, {
        staticKey: remoteStatic as Uint8Array,
        clock: this.#clock,
      })
      const peer = this.#address.peer as string
      if (verified.peer !== peer) {
        throw new AivError('E_PEER_MISMATCH', `the listener is ${verified.peer}, not ${peer}`, {
          hint: 'Check the address. Nothing was sent to this listener but a handshake.',
        })
      }
      await trust.record(verified, true)
      // With the key known before, what was got under another one has gone already.
      if (this.#x === undefined) await resumption?.forgetOtherKeys(peer, verified.noisePublic)
      if (this.#failure !== undefined) throw this.#failure
      const { message3, result } = initiator.finish()
      this.#link.write([message3])
      const chain = beginChain(this.#clock, parseCertificate(own).notAfter, verified.notAfter)
      return this.#start(result, verified.noisePublic, chain, RESUMPTION_TICKETS_AFTER_FULL)
    } finally {
      if (!this.#established) initiator.erase()
    }
  }

  /** The psk proves both sides to each other: no certificate is shown. */
  async #resume({ ticket, deleted }: TakenTicket): Promise<HtxSession> {
    if (this.#failure !== undefined) throw this.#failure
    const ekm = outerBinding(this.#address, this.#link)
    const initiator = new Initiator({
      ...(ekm === undefined ? {} : { ekm }),
      suite: suiteToStart(this.#pq, 'NN'),
      link: linkOf(this.#address).name,
      hello: localHello(this.#options.parameters),
      clock: this.#clock,
      random: this.#random,
      resumption: ticket,
    })
    try {
      this.#link.attach(this)
      const message1 = initiator.start()
      erase(ticket.psk)
      await deleted
      if (this.#failure !== undefined) throw this.#failure
      this.#link.write([message1])
      const message2 = await this.#nextMessage()
      this.#link.pause()
      genuine(() => initiator.readMessage2(message2))
      return this.#start(initiator.finish().result, ticket.x, ticket, RESUMPTION_TICKETS_AFTER_RESUMPTION)
    } finally {
      if (!this.#established) initiator.erase()
    }
  }

  #start(
    result: HandshakeResult,
    x: Uint8Array,
    { certNotAfter, fullAt }: ResumptionChain,
    ticketsMost: number,
  ): HtxSession {
    const { limits, observer, resumption } = this.#options
    const peer = this.#address.peer as string
    const held = { peer, x, hybrid: result.suite.hybrid, certNotAfter, fullAt }
    const tickets =
      resumption === undefined
        ? undefined
        : new ResumptionTicketCollector(held, ticketsMost, this.#clock, resumption)
    this.#established = true
    this.#link.resume()
    return startSession({
      role: 'client',
      clock: this.#clock,
      random: this.#random,
      memory: new MemoryBudget(this.#clock),
      ...(limits === undefined ? {} : { limits }),
      ...(observer === undefined ? {} : { observer }),
      link: this.#link,
      driver: this.#driver,
      // A process that ends with its session has its tickets then.
      linkClosed: this.#linkClosed.then(() => tickets?.settled()),
      result,
      peer,
      rest: this.#reader.takeRest(),
      ...(tickets === undefined ? {} : { tickets }),
    })
  }

  #newAccessTicket(ekm: Uint8Array | undefined): Uint8Array | undefined {
    const { accessGrant } = this.#options
    // On the camouflaged link a request of HTTP has carried it already.
    if (this.#address.scheme === 'htx+https') return undefined
    if (accessGrant === undefined || this.#x === undefined) return undefined
    const binding = accessTicketBinding(this.#x, ekm)
    return buildTicket(accessGrant, { clock: this.#clock, random: this.#random, binding })
  }

  async #nextMessage(): Promise<Uint8Array> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure
      const body = genuine(() => this.#reader.next())
      if (body !== undefined) return body
      await new Promise<void>((resolve) => {
        this.#onMessage = resolve
      })
    }
  }

  // LinkHandler

  data(chunk: Uint8Array): void {
    if (this.#established) {
      this.#driver.data(chunk)
      return
    }
    this.#reader.push(chunk)
    this.#onMessage?.()
  }

  end(): void {
    if (this.#established) this.#driver.end()
    else this.#fail(refused())
  }

  drain(): void {
    this.#driver.drain()
  }

  close(error?: Error): void {
    if (!this.#established) this.#fail(isAivError(error) ? error : refused())
    this.#driver.close()
  }

  #fail(error: AivError): void {
    this.#failure ??= error
    this.#failed.reject(this.#failure)
    this.#onMessage?.()
  }
}

function silence(ms: number): AivError {
  return new AivError('E_HANDSHAKE_TIMEOUT', `no answer within ${ms} ms`, {
    hint: 'A listener is silent to a wrong key, a wrong clock, a suite it does not allow or a missing ticket. Check the address, both clocks and whether it requires --ticket.',
  })
}

/** Whatever is wrong with the bytes of the listener is one failure to the caller. */
function genuine<T>(read: () => T): T {
  try {
    return read()
  } catch (error) {
    if (!HOSTILE.some((code) => isAivError(error, code))) throw error
    throw new AivError('E_HANDSHAKE', 'the answer of the listener is not genuine', {
      cause: error,
      hint: 'The address may name another key, link or binding than the listener has.',
    })
  }
}

function refused(): AivError {
  return new AivError('E_HANDSHAKE', 'the listener closed the link during the handshake')
}
