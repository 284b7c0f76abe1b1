/** What a fallback works with: attempts to reach a peer, and connections that draw attention from them. */
import type { OpenCover } from './cover-connections.ts'
import type { Resolve } from './cover-origins.ts'

export interface CoverPolicy {
  /** URLs of at least 4 unrelated https sites. */
  readonly origins: readonly string[]
  readonly open: OpenCover
  /** Absent behind a proxy, which resolves names itself: then names alone are compared. */
  readonly resolve?: Resolve
}

export interface Attempt {
  readonly signal: AbortSignal
  /** True in a retry: everything is drawn anew and nothing of an earlier connection is resumed, TLS sessions least. */
  readonly isFresh: boolean
}

export interface FallbackWork<T> {
  /** Rejects soon after its signal has aborted. */
  readonly attempt: (attempt: Attempt) => Promise<T>
  /** A camouflaged attempt over UDP, where there is one. */
  readonly udpAttempt?: (attempt: Attempt) => Promise<T>
  /** Gets what an attempt brought that nobody waits for any more. */
  readonly discard: (late: T) => void
  /** Whether another attempt may succeed where this error came. */
  readonly isWayFailure: (error: unknown) => boolean
  readonly signal?: AbortSignal
}
