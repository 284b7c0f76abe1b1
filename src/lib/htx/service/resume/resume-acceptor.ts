/** The acceptor's side of `resume/1` (section 12.3): services that wait for their peer to come back. */
import { AivError, concat, type TimerClock, toHex, u64 } from '../../../core/index.ts'
import { CODE } from '../../codes.ts'
import type { HtxSession } from '../../endpoint/htx-session.ts'
import { HtxStream } from '../../endpoint/htx-stream.ts'
import { countBuffered } from '../../endpoint/memory-budget.ts'
import {
  type AcceptOptions,
  refusal,
  runService,
  type Service,
  type ServiceRequest,
} from '../accept-service.ts'
import { ByteReader } from '../byte-reader.ts'
import { Carriage } from './carriage.ts'
import { HELD_PER_PEER, ID_KEPT_MS, IDS_MOST, IDS_PER_PEER, RESUME_SERVICE } from './constants.ts'
import { type ContinuedOutcome, ContinuedStream } from './continued-stream.ts'
import { FinishedIds, type FinishedService } from './finished-ids.ts'
import { HeldServices, type Holder, heldBy, type PeerShare, stoodStill } from './held-services.ts'
import { parseResumeParams, type ResumeParams, serviceText } from './params.ts'
import { encodeAck } from './records.ts'

/** Services that belong to one session: they name its streams. */
const BOUND_TO_SESSION: readonly string[] = [RESUME_SERVICE, 'bind', 'incoming']

export interface ResumeAcceptorOptions {
  readonly clock: TimerClock
  readonly services: AcceptOptions['services']
  readonly limits?: Partial<ResumeLimits>
  readonly onError?: (error: Error, service: string) => void
  /**
   * Asked whenever a peer comes, again when it comes back: the access list may have changed.
   * @throws AivError `E_SERVICE_REFUSED`
   */
  readonly admit?: (peer: string, service: string, params: ResumeParams['params']) => void | Promise<void>
}

export interface ResumeLimits {
  /** Services of one peer, and of all peers. */
  readonly perPeer: number
  readonly services: number
  /** Bytes that the services of one peer hold together. */
  readonly heldPerPeer: number
}

interface Continued {
  readonly peer: string
  readonly share: PeerShare
  readonly holder: Holder
  /** The one that carries it, or did so last. */
  session: HtxSession
  readonly service: string
  readonly core: ContinuedStream
  readonly stream: HtxStream
  carriage: Carriage | undefined
  cancelExpiry: (() => void) | undefined
  /** The peer will not come back. */
  readonly gone: PromiseWithResolvers<void>
  /** Its code has not returned. */
  isRunning: boolean
  /** Nothing of it is left: neither code nor bytes. */
  readonly over: PromiseWithResolvers<void>
}

export class ResumeAcceptor {
  /** To be offered as {@link RESUME_SERVICE}. */
  readonly service: Service = (request) => this.#serve(request)
  readonly #options: ResumeAcceptorOptions
  readonly #continued = new Map<string, Continued>()
  readonly #shares = new Map<string, PeerShare>()
  readonly #held: HeldServices
  readonly #finished: FinishedIds
  /** Those of which something is left, with or without a peer, in the order they began. */
  readonly #living = new Set<Continued>()
  readonly #idle: (() => void)[] = []
  readonly #limits: ResumeLimits

  constructor(options: ResumeAcceptorOptions) {
    this.#options = options
    this.#finished = new FinishedIds(options.clock)
    this.#limits = {
      perPeer: IDS_PER_PEER,
      services: IDS_MOST,
      heldPerPeer: HELD_PER_PEER,
      ...options.limits,
    }
    this.#held = new HeldServices(options.clock, this.#limits.heldPerPeer)
  }

  /** Services that are neither finished nor given up. */
  get size(): number {
    return this.#continued.size
  }

  /** Resolves when no service waits for its peer, or is with it. */
  async idle(): Promise<void> {
    if (this.size > 0) await new Promise<void>((resolve) => this.#idle.push(resolve))
  }

  /** Nobody comes back any more: what waits for a peer ends. */
  close(): void {
    for (const each of [...this.#continued.values()]) this.#giveUp(each, 'the listener has closed')
    for (const { gone } of this.#living) gone.resolve()
  }

  async #serve(request: ServiceRequest): Promise<void> {
    const asked = parseResumeParams(request.params)
    if (asked === undefined) throw refusal('parameters of resume/1 that are not whole')
    if (BOUND_TO_SESSION.includes(asked.service) || !Object.hasOwn(this.#options.services, asked.service)) {
      throw refusal(`service ${asked.service} is not continued here`)
    }
    const { peer } = request.session
    // Asked before the id is looked up, so that a stranger with a stolen id hears the same as one without.
    await this.#options.admit?.(peer, asked.service, asked.params)
    if (request.stream.destroyed) return
    const key = toHex(asked.id)
    const known = this.#continued.get(key)
    if (known !== undefined) {
      if (known.peer !== peer) throw unknown()
      if (known.service !== serviceText(asked)) throw refusal('the service was another at first')
      this.#carry(known, request, asked.received ?? 0)
      return
    }
    const finished = this.#finished.find(key)
    if (finished !== undefined) {
      if (finished.peer !== peer) throw unknown()
      if (finished.service !== serviceText(asked)) throw refusal('the service was another at first')
      repeatLastAck(finished, request, asked.received ?? 0)
      return
    }
    if (asked.received !== null) throw unknown()
    this.#carry(this.#start(key, request, asked), request, 0)
  }

  #start(key: string, request: ServiceRequest, asked: ResumeParams): Continued {
    const { clock } = this.#options
    const { session } = request
    const { peer } = session
    const share = this.#admitted(session)
    const core = new ContinuedStream({
      clock,
      id: request.stream.id,
      byPeer: true,
      onHeld: (bytes) => share.held(bytes, each.session),
      onProgress: () => share.progressed(each.holder),
      onOutput: () => each.carriage?.pump(),
      onIdleAck: () => each.session.chargeAbuse(),
      onOver: (outcome) => this.#ended(key, each, outcome),
    })
    const stream = new HtxStream(core)
    const each: Continued = {
      peer,
      share,
      holder: this.#holder(() => each),
      session,
      service: serviceText(asked),
      core,
      stream,
      carriage: undefined,
      cancelExpiry: undefined,
      gone: Promise.withResolvers(),
      isRunning: true,
      over: Promise.withResolvers(),
    }
    share.add(each.holder)
    this.#shares.set(peer, share)
    this.#continued.set(key, each)
    this.#living.add(each)
    countBuffered(heldBy(core, stream), each.over.promise)
    void this.#run(each, request, asked)
    return each
  }

  /** @throws AivError `E_SERVICE_REFUSED` when there is no room for one more service of this peer */
  #admitted(session: HtxSession): PeerShare {
    const { perPeer, services } = this.#limits
    const known = this.#shares.get(session.peer)
    const count = known?.services ?? 0
    if (count >= perPeer) throw tooMany()
    if (this.#living.size >= services) this.#makeRoom(count)
    return known ?? this.#held.share()
  }

  /** Whoever has the most loses its oldest one without a link, or a few peers would keep everybody else out. */
  #makeRoom(services: number): void {
    let largest = services + 1
    let waiting: Continued | undefined
    for (const each of this.#living) {
      const isInUse = each.carriage !== undefined && each.core.outcome === undefined
      if (each.share.services <= largest || isInUse) continue
      largest = each.share.services
      waiting = each
    }
    if (waiting === undefined) throw tooMany()
    // Its code ends in a moment.
    this.#giveUp(waiting, 'other peers needed the room')
  }

  async #run(each: Continued, { session }: ServiceRequest, { service, params }: ResumeParams): Promise<void> {
    const { stream, gone } = each
    const reader = new ByteReader(stream)
    const request = { session, stream, reader, gone: gone.promise }
    await runService(request, { name: service, params }, this.#options)
    each.isRunning = false
    this.#settle(each)
  }

  #ended(key: string, each: Continued, outcome: ContinuedOutcome): void {
    const { peer, service, core } = each
    if (outcome === 'finished')
      this.#finished.add(key, { peer, service, sent: core.sent, received: core.received })
    else each.gone.resolve()
    each.cancelExpiry?.()
    // What was delivered before the end may still be read, by a service that takes it before long.
    each.cancelExpiry = each.isRunning ? this.#expire(each, 'the peer has ended it') : undefined
    this.#continued.delete(key)
    if (this.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
    this.#settle(each)
    each.carriage?.pump()
  }

  /** With its service done and its records too, nothing of it is left. Until then it counts, whoever else forgets it. */
  #settle(each: Continued): void {
    const { core, share, peer } = each
    if (core.outcome === undefined || each.isRunning || !this.#living.delete(each)) return
    each.cancelExpiry?.()
    share.remove(each.holder)
    if (share.services === 0) {
      this.#shares.delete(peer)
      this.#held.forget(share)
    }
    each.gone.resolve()
    each.over.resolve()
  }

  /** Hands the service to a stream; an older one that holds it ends. */
  #carry(each: Continued, request: ServiceRequest, count: number): void {
    const { core } = each
    const { stream, reader, accept } = request
    try {
      core.resume(count)
    } catch (error) {
      if (error instanceof AivError) throw refusal(error.message)
      throw error
    }
    each.cancelExpiry?.()
    each.cancelExpiry = undefined
    each.carriage?.drop()
    each.session = request.session
    accept()
    stream.write(u64(core.received))
    reader.release()
    each.carriage = new Carriage(core, stream, () => {
      each.carriage = undefined
      each.cancelExpiry = this.#expire(each, 'the peer did not come back')
    })
    each.carriage.pump()
  }

  #expire(each: Continued, why: string): () => void {
    return this.#options.clock.schedule(ID_KEPT_MS, () => this.#giveUp(each, why))
  }

  #holder(each: () => Continued): Holder {
    return {
      get heldBytes() {
        return each().core.bufferedBytes
      },
      end: () => {
        const { core, stream } = each()
        core.abort(CODE.POLICY_REJECTED)
        stream.destroy(stoodStill())
      },
    }
  }

  #giveUp(each: Continued, why: string): void {
    each.gone.resolve()
    each.stream.destroy(new AivError('E_LINK_LOST', why))
    each.core.abandon()
    each.carriage?.drop(CODE.CANCELLED)
  }
}

/** Everything was delivered; only the opener does not know that its END was. */
function repeatLastAck({ sent, received }: FinishedService, request: ServiceRequest, count: number): void {
  if (count !== sent) throw refusal('the count of the other side cannot be true')
  const { stream, reader, accept } = request
  accept()
  reader.release()
  stream.end(concat(u64(received), encodeAck(received)))
  stream.resume()
}

/** The same for an id that nobody has, and for one that another peer has. */
function unknown(): AivError {
  return refusal('no such service is being continued')
}

function tooMany(): AivError {
  return refusal('too many services are being continued')
}
