/** What a caller may ask of a connection. */
import type { RandomSource, TimerClock } from '../../../core/index.ts'
import type { DialLinkOptions } from '../../../link/index.ts'
import type { ListedConfig } from '../../../tls/index.ts'
import type { PqPolicy } from '../../handshake/index.ts'
import type { Observer } from '../../observe/observer.ts'
import type { Tracer } from '../../recording/index.ts'
import type { Spec } from '../../recording/key-log.ts'
import type { ResumptionFile } from '../../resumption/index.ts'
import type { SessionLimits, SideParameters } from '../../session/index.ts'
import type { TicketGrant } from '../../ticket/index.ts'
import type { EndpointIdentityOptions, PeerTrust } from '../peer-trust.ts'

/**
 * How a camouflaged link is opened. What is remembered across attempts belongs to this object: how often one was
 * repeated, what an origin looks like. The connections of one command share it.
 */
export interface CamouflageOptions {
  /** `ws`: a WebSocket of its own connection, the default; `h2`: inside HTTP/2, after the load of a page. */
  readonly mode?: 'ws' | 'h2'
  /** Major version of the Chrome that is imitated; default the newest that is known. */
  readonly major?: number
  /** Value of Accept-Language; default that of Chrome in American English. */
  readonly acceptLanguage?: string
  /** Encrypts the name of the site for real, to these keys of its front. */
  readonly ech?: readonly ListedConfig[]
  /** URL of the site that the listener passes for; connections that show another server carry no ticket. */
  readonly origin?: string
  /** How far values of SETTINGS may be from those of the origin, percent; default 15. */
  readonly tolerancePercent?: number
  /** Sites that are visited while a failed attempt is repeated; `none` repeats without; absent: it is not repeated. */
  readonly cover?: readonly string[] | 'none'
  /** Takes a grant of version 1, whose tickets are not tied to the connection. */
  readonly allowVersion1?: boolean
}

export interface ConnectOptions extends EndpointIdentityOptions {
  readonly trust?: PeerTrust
  readonly pq?: PqPolicy
  /** Ask the listener for its key when neither the address nor the record has it. */
  readonly firstContact?: boolean
  /** For a listener that answers only holders of an access ticket. A new one is made for each attempt. */
  readonly accessGrant?: TicketGrant
  readonly handshakeTimeoutMs?: number
  /** Tickets of earlier sessions: where there is one, the handshake takes one round trip and no identity. */
  readonly resumption?: ResumptionFile
  readonly parameters?: Partial<SideParameters>
  readonly limits?: Partial<SessionLimits>
  /** Told of sessions, handshakes and round trips. */
  readonly observer?: Observer
  /** Writes down what passes. */
  readonly tracer?: Tracer
  /** 1.2 speaks the framing of the Betanet 1.2 draft, which both sides must ask for; default 1.1. */
  readonly spec?: Spec
  readonly signal?: AbortSignal
  readonly clock?: TimerClock
  readonly random?: RandomSource
  /** For htx+https. */
  readonly camouflage?: CamouflageOptions
  /** Proxy, outer TLS, time-out of the link. */
  readonly dial?: Omit<DialLinkOptions, 'signal'>
}
