/** What the two HELLOs settled for one session, and the limits of this side. */
import { AivError } from '../../core/index.ts'
import {
  ACCEPT_BACKLOG,
  AHEAD_DEFAULT,
  MAX_CREDIT,
  MAX_FRAME_DEFAULT,
  MAX_STREAMS_DEFAULT,
  SESSION_SEND_HIGH_WATER,
  SESSION_WINDOW_MOST,
  STREAM_SEND_HIGH_WATER,
  STREAM_WINDOW_MOST,
  STREAM_WINDOW_WHEN_ABSENT,
} from '../constants.ts'

/** What one side announced in its HELLO, absent parameters replaced by their defaults. */
export interface SideParameters {
  /** Largest frame length this side accepts, bytes. */
  readonly maxFrame: number
  /** Receive window of every new stream, bytes. */
  readonly streamWindow: number
  /** Receive window of the session, bytes; undefined = none. */
  readonly sessionWindow: number | undefined
  /** Streams the other side may have open at once. */
  readonly maxStreams: number
  /** Milliseconds, 0 = none. */
  readonly idleTimeoutMs: number
}

export const ABSENT_PARAMETERS: SideParameters = {
  maxFrame: MAX_FRAME_DEFAULT,
  streamWindow: STREAM_WINDOW_WHEN_ABSENT,
  sessionWindow: undefined,
  maxStreams: MAX_STREAMS_DEFAULT,
  idleTimeoutMs: 0,
}

/** Limits of this side that the peer is not told. */
export interface SessionLimits {
  readonly backlog: number
  /** Plaintext waiting in one stream before its writer is asked to wait, bytes. */
  readonly streamHighWater: number
  /** The same for all streams together. */
  readonly sessionHighWater: number
  /** Largest stream and session windows that growth may reach, bytes. */
  readonly streamWindowMost: number
  readonly sessionWindowMost: number
  /** Bytes sealed ahead of the socket, for the adapter. */
  readonly ahead: number
  /** Send PADDING records while no DATA moves, where the peer tolerates them. They hide something over htx+https only. */
  readonly pad: boolean
}

export const DEFAULT_LIMITS: SessionLimits = {
  backlog: ACCEPT_BACKLOG,
  streamHighWater: STREAM_SEND_HIGH_WATER,
  sessionHighWater: SESSION_SEND_HIGH_WATER,
  streamWindowMost: STREAM_WINDOW_MOST,
  sessionWindowMost: SESSION_WINDOW_MOST,
  ahead: AHEAD_DEFAULT,
  pad: false,
}

/**
 * One WINDOW_UPDATE grants what was consumed since the last, so no window of ours may be larger than it can say.
 * @throws AivError `E_USAGE`
 */
export function requireGrantableWindows(local: SideParameters, limits: SessionLimits): void {
  const windows = [
    local.streamWindow,
    local.sessionWindow ?? 0,
    limits.streamWindowMost,
    limits.sessionWindowMost,
  ]
  for (const bytes of windows) {
    if (!Number.isInteger(bytes) || bytes < 0 || bytes > MAX_CREDIT)
      throw new AivError('E_USAGE', `a window of ${bytes} bytes is not within 0..${MAX_CREDIT}`)
  }
}

/** The smaller non-zero of the two applies; 0 = none. */
export function effectiveIdleTimeoutMs(a: number, b: number): number {
  if (a === 0) return b
  if (b === 0) return a
  return Math.min(a, b)
}
