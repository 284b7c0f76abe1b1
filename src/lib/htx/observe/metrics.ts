/**
 * The metrics of section 12.4. Frames, bytes and buffers are read from the sessions when somebody scrapes, so that the
 * data path pays nothing for it. No label names a peer or an address.
 */
import { type Clock, isAivError } from '../../core/index.ts'
import { codeName, type SessionEnd } from '../codes.ts'
import type { HandshakeOutcome } from '../endpoint/accept/acceptor-context.ts'
import type { HtxSession } from '../endpoint/htx-session.ts'
import type { Service } from '../service/index.ts'
import type { AccessTicketOutcome } from '../ticket/index.ts'
import { metricFamily } from './exposition.ts'
import { Histogram } from './histogram.ts'
import { LabelledCounter } from './labelled-counter.ts'
import type { Observer, ResumptionResult } from './observer.ts'
import { directionSamples, SessionTotals } from './session-totals.ts'

/** Seconds. A handshake is milliseconds of work and a round trip; the deadline ends it at 10 s. */
const HANDSHAKE_BORDERS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10]
/** Seconds: from loopback to a link that is about to be given up (15 s). */
const PING_BORDERS = [
  0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 15,
]

const OUTCOMES: readonly HandshakeOutcome[] = [
  'accepted',
  'silent',
  'refused',
  'failed',
  'timeout',
  'lost',
  'not-admitted',
]

const TICKET_OUTCOMES: readonly AccessTicketOutcome[] = [
  'accepted',
  'rate-limited',
  'malformed',
  'unknown-key',
  'not-genuine',
  'replayed',
  'full',
]

/** A session that is not over. */
export interface WatchedSession {
  readonly session: HtxSession
  /** The side that this process has in it. */
  readonly role: 'client' | 'server'
  /** Unix time, milliseconds. */
  readonly startedMs: number
}

export class HtxMetrics implements Observer {
  readonly #clock: Clock
  readonly #totals = new SessionTotals()
  readonly #started = new WeakMap<HtxSession, Pick<WatchedSession, 'role' | 'startedMs'>>()
  readonly #handshakes = new LabelledCounter('result', OUTCOMES)
  readonly #handshakeSeconds = new Histogram(HANDSHAKE_BORDERS)
  readonly #pingSeconds = new Histogram(PING_BORDERS)
  readonly #resumptions = new LabelledCounter<ResumptionResult>('result', ['accepted', 'refused'])
  readonly #tickets = new LabelledCounter('result', TICKET_OUTCOMES)
  readonly #closes = new LabelledCounter<string>('code')
  readonly #forwards = new Map<string, LabelledCounter<ForwardResult>>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  /** Sessions that are not over. */
  get sessions(): readonly WatchedSession[] {
    return [...this.#totals.live].flatMap((session) => {
      const started = this.#started.get(session)
      return started === undefined ? [] : [{ session, ...started }]
    })
  }

  // Observer

  sessionStarted(session: HtxSession, role: 'client' | 'server'): void {
    this.#started.set(session, { role, startedMs: this.#clock.wallMs() })
    this.#totals.add(session)
    void session.closed.then((end) => this.#closes.add(closeLabel(end)))
  }

  handshake(outcome: HandshakeOutcome, ms?: number): void {
    this.#handshakes.add(outcome)
    if (outcome === 'accepted' && ms !== undefined) this.#handshakeSeconds.observe(ms / 1000)
  }

  accessTicket(outcome: AccessTicketOutcome): void {
    this.#tickets.add(outcome)
  }

  resumption(result: ResumptionResult): void {
    this.#resumptions.add(result)
  }

  roundTrip(ms: number): void {
    this.#pingSeconds.observe(ms / 1000)
  }

  /** The same services, each of their streams counted by how it began. */
  countServices<S extends Readonly<Record<string, Service>>>(services: S): S {
    return Object.fromEntries(
      Object.entries(services).map(([name, service]) => [name, this.#counted(name, service)]),
    ) as unknown as S
  }

  /** The same way to open streams of services, each counted by what became of it. */
  countOpens<A extends readonly unknown[], R>(
    open: (service: string, ...rest: A) => Promise<R>,
  ): (service: string, ...rest: A) => Promise<R> {
    return async (service, ...rest) => {
      const counter = this.#counterOf(service)
      try {
        const stream = await open(service, ...rest)
        counter.add('accepted')
        return stream
      } catch (error) {
        counter.add(failureOf(error))
        throw error
      }
    }
  }

  /** The page of a scrape. */
  text(): string {
    const sum = this.#totals.sum()
    return [
      metricFamily('htx_sessions', 'gauge', 'Sessions by state.', this.#sessionSamples()),
      metricFamily(
        'htx_handshakes_total',
        'counter',
        'Links by what became of their handshake.',
        this.#handshakes.samples(),
      ),
      metricFamily(
        'htx_handshake_seconds',
        'histogram',
        'Time from the link to its session.',
        this.#handshakeSeconds.samples(),
      ),
      metricFamily('htx_streams', 'gauge', 'Open streams by who opened them.', this.#streamSamples()),
      metricFamily(
        'htx_bytes_total',
        'counter',
        'Bytes of frames on the links.',
        directionSamples(sum.bytes),
      ),
      metricFamily('htx_frames_total', 'counter', 'Frames by direction and type.', sum.frameSamples()),
      metricFamily('htx_rekeys_total', 'counter', 'Changes of traffic keys.', directionSamples(sum.rekeys)),
      metricFamily('htx_resumptions_total', 'counter', 'Attempts to resume.', this.#resumptions.samples()),
      metricFamily('htx_tickets_total', 'counter', 'Access tickets judged.', this.#tickets.samples()),
      metricFamily('htx_ping_seconds', 'histogram', 'Round trips of PING.', this.#pingSeconds.samples()),
      metricFamily('htx_buffered_bytes', 'gauge', 'Bytes that sessions hold for applications and links.', [
        { value: this.#buffered() },
      ]),
      metricFamily(
        'htx_closes_total',
        'counter',
        'Sessions that ended, by CLOSE code or cause.',
        this.#closes.samples(),
      ),
      metricFamily(
        'htx_forward_connections_total',
        'counter',
        'Streams by service and how they began.',
        [...this.#forwards].flatMap(([service, counter]) =>
          counter.samples().map(({ labels, value }) => ({ labels: { service, ...labels }, value })),
        ),
      ),
    ].join('')
  }

  #sessionSamples(): readonly { readonly labels: { readonly state: string }; readonly value: number }[] {
    const counts = { open: 0, draining: 0, closing: 0 }
    for (const session of this.#totals.live) counts[stateOf(session)]++
    return Object.entries(counts).map(([state, value]) => ({ labels: { state }, value }))
  }

  #streamSamples(): readonly { readonly labels: { readonly side: string }; readonly value: number }[] {
    const counts = { local: 0, remote: 0 }
    for (const { streamsBySide } of this.#totals.live) {
      counts.local += streamsBySide.local
      counts.remote += streamsBySide.remote
    }
    return Object.entries(counts).map(([side, value]) => ({ labels: { side }, value }))
  }

  #buffered(): number {
    let bytes = 0
    for (const { bufferedBytes } of this.#totals.live) bytes += bufferedBytes
    return bytes
  }

  #counted(name: string, service: Service): Service {
    const counter = this.#counterOf(name)
    return async (request) => {
      let accepted = false
      try {
        await service({
          ...request,
          accept: () => {
            accepted = true
            counter.add('accepted')
            request.accept()
          },
        })
      } catch (error) {
        if (!accepted) counter.add(failureOf(error))
        throw error
      }
    }
  }

  #counterOf(service: string): LabelledCounter<ForwardResult> {
    const known = this.#forwards.get(service) ?? new LabelledCounter('result', FORWARD_RESULTS)
    this.#forwards.set(service, known)
    return known
  }
}

const FORWARD_RESULTS = ['accepted', 'refused', 'failed'] as const
type ForwardResult = (typeof FORWARD_RESULTS)[number]

function failureOf(error: unknown): ForwardResult {
  return isAivError(error, 'E_SERVICE_REFUSED') ? 'refused' : 'failed'
}

/** `open`, `draining` (no new streams), or `closing` (its last frame is on its way). */
export function stateOf(session: HtxSession): 'open' | 'draining' | 'closing' {
  if (!session.isOpen) return 'closing'
  return session.isDraining ? 'draining' : 'open'
}

/** A code without a name is the peer's to choose: each would be a series of its own. */
function closeLabel({ cause, code }: SessionEnd): string {
  if (cause !== 'closed') return cause
  const name = codeName(code)
  return name.startsWith('0x') ? 'other' : name
}
