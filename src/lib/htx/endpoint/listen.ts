/** Listening for sessions. */
import { AivError, type RandomSource, systemClock, type TimerClock, uniformReal } from '../../core/index.ts'
import { systemRandom } from '../../crypto/index.ts'
import { type Link, type LinkKind, type Listener, listenLink } from '../../link/index.ts'
import { openMemoryStore, type Store } from '../../storage/index.ts'
import { formatAddress, type HtxAddress, parseAddress } from '../address.ts'
import { CODE } from '../codes.ts'
import { HANDSHAKE_DEADLINE_MS } from '../constants.ts'
import { defaultPqPolicy, type LinkName, type PqPolicy } from '../handshake/index.ts'
import { Message1Cache } from '../handshake/message1-cache.ts'
import type { Observer } from '../observe/observer.ts'
import type { Tracer } from '../recording/index.ts'
import type { Spec } from '../recording/key-log.ts'
import { ResumptionRecords } from '../resumption/index.ts'
import type { SessionLimits, SideParameters } from '../session/index.ts'
import {
  AccessTicketVerifier,
  REPLAY_SCHEMA,
  ReplayStore,
  type TicketKey,
  type TicketRates,
} from '../ticket/index.ts'
import { Acceptor } from './accept/acceptor.ts'
import type { AcceptorContext, HandshakeOutcome, PendingLink } from './accept/acceptor-context.ts'
import { Admission, type AdmissionLimits } from './accept/admission.ts'
import { AllowList } from './allow-list.ts'
import type { HtxSession } from './htx-session.ts'
import type { HtxStream } from './htx-stream.ts'
import type { SiteOptions } from './listen-camouflaged.ts'
import { localHello } from './local-hello.ts'
import { MemoryBudget } from './memory-budget.ts'
import {
  EndpointIdentity,
  type EndpointIdentityOptions,
  forgetfulTrust,
  type PeerTrust,
} from './peer-trust.ts'

const SESSIONS_MOST = 1000
/** Silent links are closed this long after their accept, drawn once per listener; milliseconds. */
const DISCARD_MS = { min: 60_000, max: 180_000 } as const

export interface ListenOptions extends EndpointIdentityOptions {
  readonly onSession?: (session: HtxSession) => void
  /** Streams that peers open; without it each session's owner calls `session.onStream`. */
  readonly onStream?: (stream: HtxStream, session: HtxSession) => void
  /** Peer ids that may come in; everybody who knows the address when absent. */
  readonly allow?: readonly string[] | AllowList
  readonly trust?: PeerTrust
  /** Where the message-1 cache survives a restart. */
  readonly store?: Store
  /**
   * Where resumption tickets survive a restart, a store of `RESUMPTION_SCHEMA`. Of use only with an identity that is
   * kept, since nobody else can read them.
   */
  readonly resumptionStore?: Store
  readonly firstContact?: boolean
  /** Answers only who brings an unused access ticket of one of these keys. */
  readonly accessTickets?: AccessTicketRequirement
  readonly pq?: PqPolicy
  readonly handshakeTimeoutMs?: number
  readonly maxSessions?: number
  /** What all sessions of the process may buffer; 512 MiB when absent. */
  readonly maxBufferedBytes?: number
  readonly admission?: Partial<AdmissionLimits>
  readonly parameters?: Partial<SideParameters>
  readonly limits?: Partial<SessionLimits>
  /** Descriptor of a TCP socket that is bound already, for tcp, ws and wss. */
  readonly fd?: number
  /** Told of sessions, handshakes and round trips. */
  readonly observer?: Observer
  /** Writes down what passes. */
  readonly tracer?: Tracer
  /** 1.2 speaks the framing of the Betanet 1.2 draft, and that alone; default 1.1. */
  readonly spec?: Spec
  readonly signal?: AbortSignal
  readonly clock?: TimerClock
  readonly random?: RandomSource
  readonly onOutcome?: (outcome: HandshakeOutcome) => void
  readonly onError?: (error: Error) => void
  /** For htx+https: what it shows. */
  readonly site?: SiteOptions
  /** Certificate and key of the outer TLS of wss and https, PEM. */
  readonly tls?: { readonly cert: string; readonly key: string }
}

export interface AccessTicketRequirement {
  /** Asked at every handshake, so that a changed key file counts at once. */
  readonly keys: () => readonly TicketKey[]
  /** Of schema `REPLAY_SCHEMA`: where used tickets are remembered. Without it a restart forgets them. */
  readonly replayStore?: Store
  /** How many tickets are looked at, per prefix and in all. */
  readonly rates?: TicketRates
}

export class HtxListener {
  /** The exact text that `connect` takes. */
  readonly address: string
  readonly peer: string
  readonly port: number
  readonly #listener: Listener
  readonly #sessions: ReadonlySet<HtxSession>
  readonly #pending: ReadonlySet<PendingLink>

  constructor(parts: {
    readonly address: string
    readonly peer: string
    readonly listener: Listener
    readonly sessions: ReadonlySet<HtxSession>
    readonly pending: ReadonlySet<PendingLink>
  }) {
    this.address = parts.address
    this.peer = parts.peer
    this.port = parts.listener.port
    this.#listener = parts.listener
    this.#sessions = parts.sessions
    this.#pending = parts.pending
  }

  get sessions(): readonly HtxSession[] {
    return [...this.#sessions]
  }

  /** Accepts no more, lets go of links without a session, drains every session, resolves when all are over. */
  async close(graceMs?: number): Promise<void> {
    await this.#listener.close()
    for (const acceptor of [...this.#pending]) acceptor.stop()
    await Promise.all(this.sessions.map((session) => session.drain(graceMs)))
  }
}

/**
 * Listens on an address such as `htx+tcp://127.0.0.1:0`.
 * @throws AivError `E_ADDRESS`, `E_ADDRESS_IN_USE`, `E_PERMISSION`, `E_USAGE` (first contact with access tickets), …
 */
export async function listen(address: string, options: ListenOptions = {}): Promise<HtxListener> {
  const parsed = parseAddress(address, 'listen')
  const { kind, name } = linkOf(parsed)
  if (kind === 'https') (await import('./listen-camouflaged.ts')).requireSite(options)
  // On https the ticket travels in front of the first message.
  else if (options.accessTickets !== undefined && options.firstContact === true) {
    throw new AivError('E_USAGE', 'first contact and required access tickets exclude each other', {
      hint: 'The first message of a first contact is readable and has no place for a ticket. Leave --first-contact out, and give clients the full address.',
    })
  }
  const clock = options.clock ?? systemClock
  const random = options.random ?? systemRandom
  const identity = new EndpointIdentity(options, clock, random, options.onError)
  const sessions = new Set<HtxSession>()
  const given = options.allow
  const allow = given === undefined || given instanceof AllowList ? given : new AllowList(given)
  allow?.watch(() => {
    for (const session of sessions)
      if (allow.admits(session.peer) === 'no') void session.close(CODE.POLICY_REJECTED)
  })
  const memory = new MemoryBudget(clock, options.maxBufferedBytes)
  const discardMs = uniformReal(random, DISCARD_MS.min, DISCARD_MS.max)
  const verifier = await accessTicketVerifier(options, clock)
  const context: AcceptorContext = {
    address: parsed,
    linkName: name,
    clock,
    random,
    identity,
    trust: options.trust ?? forgetfulTrust,
    hello: localHello(options.parameters, options.spec),
    pq: () => options.pq ?? defaultPqPolicy(clock.wallMs()),
    firstContact: options.firstContact ?? false,
    admission: new Admission(clock, options.admission),
    ...(verifier === undefined || kind === 'https' ? {} : { accessTickets: verifier }),
    message1: await Message1Cache.open(clock, options.store),
    records: await ResumptionRecords.open({
      owner: identity,
      clock,
      random,
      ...(options.resumptionStore === undefined ? {} : { store: options.resumptionStore }),
      onError: options.onError ?? (() => {}),
    }),
    // Not later than silent links are closed, or an idle one would be told from one that sent something.
    handshakeDeadlineMs: Math.min(options.handshakeTimeoutMs ?? HANDSHAKE_DEADLINE_MS, discardMs),
    discardMs,
    admits: allow === undefined ? () => 'wildcard' : (peer) => allow.admits(peer),
    hasRoomForSession: () => sessions.size < (options.maxSessions ?? SESSIONS_MOST) && !memory.isFull,
    memory,
    ...(options.limits === undefined ? {} : { limits: options.limits }),
    onSession: (session) => {
      sessions.add(session)
      void session.closed.then(() => sessions.delete(session))
      const { onStream } = options
      if (onStream !== undefined) session.onStream((stream) => onStream(stream, session))
      options.onSession?.(session)
    },
    ...(options.observer === undefined ? {} : { observer: options.observer }),
    onOutcome: (outcome, ms) => {
      options.observer?.handshake(outcome, ms)
      options.onOutcome?.(outcome)
    },
    onError: options.onError ?? (() => {}),
    pending: new Set(),
  }
  if (parsed.scheme === 'htx+wss' && options.tls === undefined) {
    throw new AivError('E_USAGE', 'a wss listener needs a certificate and its key', {
      hint: 'Pass --cert and --cert-key, or use htx+ws.',
    })
  }
  if (options.fd !== undefined && (kind === 'quic' || kind === 'memory'))
    throw new AivError(
      'E_UNSUPPORTED',
      'only tcp, ws, wss and https can listen on a socket that is passed on',
    )
  const onLink = (link: Link): void => Acceptor.take(options.tracer?.trace(link, 'server') ?? link, context)
  const listener = await openListener(parsed, options, { identity, verifier, clock, random, onLink })
  const full = formatAddress({
    ...parsed,
    port: listener.port,
    peer: identity.peer,
    x: identity.staticKey.publicKey,
  })
  return new HtxListener({
    address: full,
    peer: identity.peer,
    listener,
    sessions,
    pending: context.pending,
  })
}

interface ListenerParts {
  readonly identity: EndpointIdentity
  readonly verifier: AccessTicketVerifier | undefined
  readonly clock: TimerClock
  readonly random: RandomSource
  readonly onLink: (link: Link) => void
}

async function openListener(
  address: HtxAddress,
  options: ListenOptions,
  { verifier, onLink, ...parts }: ListenerParts,
): Promise<Listener> {
  const { kind } = linkOf(address)
  if (kind === 'https') {
    const { listenAsSite } = await import('./listen-camouflaged.ts')
    return await listenAsSite(options, {
      ...parts,
      address,
      verifier: verifier as AccessTicketVerifier,
      onLink,
    })
  }
  return await listenLink(kind, {
    host: address.host,
    port: address.port,
    onLink,
    ...(address.path === undefined ? {} : { path: address.path }),
    ...(address.scheme === 'htx+wss' && options.tls !== undefined ? { tls: options.tls } : {}),
    ...(options.fd === undefined ? {} : { fd: options.fd }),
    ...(options.signal === undefined ? {} : { signal: options.signal }),
    ...(options.onError === undefined ? {} : { onError: options.onError }),
  })
}

/** The link below a scheme, and its name in the prologue. */
export function linkOf(address: HtxAddress): { readonly kind: LinkKind; readonly name: LinkName } {
  switch (address.scheme) {
    case 'htx+tcp':
      return { kind: 'tcp', name: 'tcp' }
    case 'htx+ws':
    case 'htx+wss':
      return { kind: 'ws', name: 'ws' }
    case 'htx+quic':
      return { kind: 'quic', name: 'quic' }
    case 'htx+mem':
      return { kind: 'memory', name: 'memory' }
    case 'htx+https':
      return { kind: 'https', name: 'https' }
  }
}

async function accessTicketVerifier(
  { accessTickets, onError = () => {} }: ListenOptions,
  clock: TimerClock,
): Promise<AccessTicketVerifier | undefined> {
  if (accessTickets === undefined) return undefined
  const store = accessTickets.replayStore ?? (await openMemoryStore(REPLAY_SCHEMA))
  const replay = await ReplayStore.open(store, clock, onError)
  const { keys, rates } = accessTickets
  return new AccessTicketVerifier({ clock, keys, replay, ...(rates === undefined ? {} : { rates }) })
}
