/** What every link of one listener shares, and what can become of a link. */
import type { RandomSource, TimerClock } from '../../../core/index.ts'
import type { HtxAddress } from '../../address.ts'
import type { LinkName, LocalHello, PqPolicy } from '../../handshake/index.ts'
import type { Message1Cache } from '../../handshake/message1-cache.ts'
import type { ResumptionRecords } from '../../resumption/index.ts'
import type { AccessTicketVerifier } from '../../ticket/index.ts'
import type { HtxSession } from '../htx-session.ts'
import type { EndpointIdentity, PeerTrust } from '../peer-trust.ts'
import type { SessionSettings } from '../start-session.ts'
import type { Admission } from './admission.ts'

/** A link that has no session yet. */
export interface PendingLink {
  /** Ends it without a reset. */
  stop(): void
}

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
  /** Absent where no access ticket is required. */
  readonly accessTickets?: AccessTicketVerifier
  /** Tickets that were issued. */
  readonly records: ResumptionRecords
  readonly handshakeDeadlineMs: number
  /** Drawn once per listener: when silent links are closed, milliseconds after their accept. */
  readonly discardMs: number
  /** How the access list knows the peer: by name, by the wildcard, or not at all. */
  readonly admits: (peer: string) => 'named' | 'wildcard' | 'no'
  readonly hasRoomForSession: () => boolean
  readonly onSession: (session: HtxSession) => void
  /** `ms` is there when the handshake came to its end: time since the link was accepted. */
  readonly onOutcome: (outcome: HandshakeOutcome, ms?: number) => void
  /** Something on our side kept a peer out: a disk, an outer connection. */
  readonly onError: (error: Error) => void
  /** Links without a session, for the end of the listener. */
  readonly pending: Set<PendingLink>
}

export type HandshakeOutcome =
  | 'accepted'
  | 'silent'
  | 'refused'
  | 'failed'
  | 'timeout'
  | 'lost'
  | 'not-admitted'
