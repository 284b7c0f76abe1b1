/** The acceptor's side of `resume/1` (section 12.3): services that wait for their peer to come back. */
import { AivError, concat, type TimerClock, toHex, u64 } from '../../../core/index.ts'
import { CODE } from '../../codes.ts'
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
import { FINISHED_MOST, ID_KEPT_MS, IDS_MOST, IDS_PER_PEER, RESUME_SERVICE } from './constants.ts'
import { ContinuedStream } from './continued-stream.ts'
import { parseResumeParams, type ResumeParams, serviceText } from './params.ts'
import { encodeAck } from './records.ts'

/** Services that belong to one session: they name its streams. */
const BOUND_TO_SESSION: readonly string[] = [RESUME_SERVICE, 'bind', 'incoming']

export interface ResumeAcceptorOptions {
  readonly clock: TimerClock
  readonly services: AcceptOptions['services']
  readonly onError?: (error: Error, service: string) => void
  /**
   * Asked whenever a peer comes, again when it comes back: the access list may have changed.
   * @throws AivError `E_SERVICE_REFUSED`
   */
  readonly admit?: (peer: string, service: string, params: ResumeParams['params']) => void | Promise<void>
}

interface Continued {
  readonly peer: string
  readonly service: string
  readonly core: ContinuedStream
  readonly stream: HtxStream
  carriage: Carriage | undefined
  cancelExpiry: (() => void) | undefined
  /** The peer will not come back. */
  readonly gone: PromiseWithResolvers<void>
}

interface Finished {
  readonly peer: string
  readonly service: string
  /** What either side has sent, END included. */
  readonly sent: number
  readonly received: number
  readonly until: number
}

export class ResumeAcceptor {
  /** To be offered as {@link RESUME_SERVICE}. */
  readonly service: Service = (request) => this.#serve(request)
  readonly #options: ResumeAcceptorOptions
  readonly #continued = new Map<string, Continued>()
  readonly #counts = new Map<string, number>()
  /** In the order they finished. */
  readonly #finished = new Map<string, Finished>()
  /** Services whose code still runs, with or without a peer. */
  readonly #running = new Set<Continued>()
  readonly #idle: (() => void)[] = []

  constructor(options: ResumeAcceptorOptions) {
    this.#options = options
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
    for (const { gone } of this.#running) gone.resolve()
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
    const finished = this.#finishedOf(key)
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
    const { peer } = request.session
    const count = this.#counts.get(peer) ?? 0
    if (this.#continued.size >= IDS_MOST || count >= IDS_PER_PEER) {
      throw refusal('too many services are being continued')
    }
    this.#counts.set(peer, count + 1)
    const core = new ContinuedStream({
      clock,
      id: request.stream.id,
      byPeer: true,
      onOutput: () => each.carriage?.pump(),
      onOver: (outcome) => {
        if (outcome === 'finished') this.#remember(key, each)
        else each.gone.resolve()
        this.#forget(key, each)
        this.#settle(each)
        each.carriage?.pump()
      },
    })
    const each: Continued = {
      peer,
      service: serviceText(asked),
      core,
      stream: new HtxStream(core),
      carriage: undefined,
      cancelExpiry: undefined,
      gone: Promise.withResolvers(),
    }
    this.#continued.set(key, each)
    this.#running.add(each)
    countBuffered(core, each.gone.promise)
    void this.#run(each, request, asked)
    return each
  }

  async #run(each: Continued, { session }: ServiceRequest, { service, params }: ResumeParams): Promise<void> {
    const { stream, gone } = each
    const reader = new ByteReader(stream)
    const request = { session, stream, reader, gone: gone.promise }
    await runService(request, { name: service, params }, this.#options)
    this.#running.delete(each)
    this.#settle(each)
  }

  /** With its service done and its records too, nothing of it is left. */
  #settle(each: Continued): void {
    if (each.core.outcome !== undefined && !this.#running.has(each)) each.gone.resolve()
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
    accept()
    stream.write(u64(core.received))
    reader.release()
    each.carriage = new Carriage(core, stream, () => {
      each.carriage = undefined
      each.cancelExpiry = this.#options.clock.schedule(ID_KEPT_MS, () =>
        this.#giveUp(each, 'the peer did not come back'),
      )
    })
    each.carriage.pump()
  }

  #giveUp(each: Continued, why: string): void {
    each.gone.resolve()
    each.stream.destroy(new AivError('E_LINK_LOST', why))
    each.core.abandon()
    each.carriage?.drop(CODE.CANCELLED)
  }

  #forget(key: string, each: Continued): void {
    each.cancelExpiry?.()
    this.#continued.delete(key)
    const left = (this.#counts.get(each.peer) ?? 1) - 1
    if (left > 0) this.#counts.set(each.peer, left)
    else this.#counts.delete(each.peer)
    if (this.size === 0) for (const resolve of this.#idle.splice(0)) resolve()
  }

  #remember(key: string, { peer, service, core }: Continued): void {
    const until = this.#options.clock.now() + ID_KEPT_MS
    this.#finished.set(key, { peer, service, sent: core.sent, received: core.received, until })
    for (const [oldest, { until: time }] of this.#finished) {
      if (this.#finished.size <= FINISHED_MOST && time > this.#options.clock.now()) break
      this.#finished.delete(oldest)
    }
  }

  #finishedOf(key: string): Finished | undefined {
    const finished = this.#finished.get(key)
    if (finished === undefined || finished.until > this.#options.clock.now()) return finished
    this.#finished.delete(key)
    return undefined
  }
}

/** Everything was delivered; only the opener does not know that its END was. */
function repeatLastAck({ sent, received }: Finished, request: ServiceRequest, count: number): void {
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
