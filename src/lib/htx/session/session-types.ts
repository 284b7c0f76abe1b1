/** What a session is given, tells, and counts. */
import type { Clock, RandomSource } from '../../core/index.ts'
import type { SessionEnd } from '../codes.ts'
import type { RekeyThresholds } from '../frames/index.ts'
import type { SessionDirections } from '../keys/direction.ts'
import type { TrafficDirections } from '../spec12/keys.ts'
import type { FrameCounts } from './frame-counts.ts'
import type { SessionLimits, SideParameters } from './parameters.ts'
import type { MuxStream } from './streams/index.ts'

export interface SessionHandler {
  /** The peer opened a stream; it waits in the backlog until its `attach`. */
  stream(stream: MuxStream): void
  /** `pull` has something to give; said again only after a `pull` that emptied it. */
  output(): void
  /** The session is over for the application. Every stream has been told before. */
  end(end: SessionEnd): void
  /** The link can be closed now: whatever had to be said has been pulled. Called once. */
  linkDone(): void
  /** The peer issued a resumption ticket. */
  ticket?(lifetimeSeconds: number, handle: Uint8Array): void
  /** The peer accepts no more streams from us. */
  draining?(): void
  /** A PING was answered after `ms`. */
  roundTrip?(ms: number): void
}

export interface SessionConfig {
  readonly role: 'client' | 'server'
  readonly clock: Clock
  readonly random: RandomSource
  readonly directions: SessionDirections
  /** Present when the session speaks 1.2: its keys, in place of `directions`. */
  readonly traffic?: TrafficDirections
  readonly local: SideParameters
  readonly remote: SideParameters
  /** Feature bits that both sides confirmed. */
  readonly features: number
  readonly limits?: Partial<SessionLimits>
  readonly rekey?: RekeyThresholds
  /** False when the process as a whole holds too much: windows then stop growing. */
  readonly mayGrow?: () => boolean
  /** False leaves out the PING right after the handshake (replays of recorded sessions). */
  readonly initialPing?: boolean
  /** The arrays given to `receive` are the session's alone, which frees them when they are read. */
  readonly ownsInput?: boolean
}

export interface SessionStatistics {
  readonly bytesSent: number
  readonly bytesReceived: number
  readonly framesSent: number
  readonly framesReceived: number
  readonly framesSentByKind: Readonly<FrameCounts>
  readonly framesReceivedByKind: Readonly<FrameCounts>
  readonly rekeysSent: number
  readonly rekeysReceived: number
}
