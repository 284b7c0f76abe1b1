/**
 * Ties a session to a link. It decides when sealed bytes leave: never more than `ahead` wait for the socket, and
 * never more than one turn's worth is written before other events of the process get theirs.
 */
import { releaseBuffers, type TimerClock } from '../../core/index.ts'
import type { Link, LinkHandler } from '../../link/index.ts'
import { MIB } from '../constants.ts'
import type { Session } from '../session/index.ts'

/** Sealed bytes written in one turn of the event loop; timers and reads come between turns. */
const TURN_BYTES = MIB
/** Sealed bytes handed to the link at once. */
const BATCH_BYTES = MIB / 4
/** Our side of the link has ended; the peer's end is awaited this long before the link is let go, milliseconds. */
const LINGER_MS = 2_000

export class SessionDriver implements LinkHandler {
  readonly #link: Link
  readonly #clock: TimerClock
  readonly #onClosed: () => void
  #session: Session | undefined
  #flushQueued = false
  #flushing = false
  #turnBytes = 0
  #turnTimer: NodeJS.Immediate | undefined
  #written = 0
  #accepted = 0
  /** Batches that the link has not taken yet; empty when their memory is not ours to free. */
  readonly #unsent: { readonly out: readonly Uint8Array[]; readonly end: number }[] = []
  #timerAt = Number.POSITIVE_INFINITY
  #cancelTimer: (() => void) | undefined
  #ending = false
  /** The link was dropped from this side; that it is gone will be said later. */
  #aborted = false
  #closed = false

  /** @param onClosed called once when the link is gone */
  constructor(link: Link, clock: TimerClock, onClosed: () => void) {
    this.#link = link
    this.#clock = clock
    this.#onClosed = onClosed
  }

  /** Starts driving. Bytes that arrived behind the handshake are given in `rest`. */
  start(session: Session, rest: Uint8Array): void {
    this.#session = session
    if (this.#closed) {
      session.linkClosed()
      return
    }
    if (rest.length > 0) session.receive(rest)
    this.wake()
    this.#arm()
  }

  /** The session has output. */
  wake(): void {
    if (this.#flushQueued || this.#flushing || this.#turnTimer !== undefined) return
    this.#flushQueued = true
    queueMicrotask(() => {
      this.#flushQueued = false
      this.#flush()
    })
  }

  /** The session has said its last: what is pulled goes out, then the link ends. */
  linkDone(): void {
    this.#ending = true
    this.wake()
  }

  /** Drops the link at once, as a cut would. What was about to be written is not. */
  abort(): void {
    this.#aborted = true
    this.#link.abort()
  }

  // LinkHandler

  data(chunk: Uint8Array): void {
    this.#session?.receive(chunk)
    this.#arm()
  }

  end(): void {
    this.#session?.linkClosed()
  }

  drain(): void {
    this.#flush()
  }

  close(): void {
    this.#closed = true
    this.#unsent.length = 0
    this.#cancelTimer?.()
    if (this.#turnTimer !== undefined) clearImmediate(this.#turnTimer)
    this.#session?.linkClosed()
    this.#onClosed()
  }

  #flush(): void {
    const session = this.#session
    if (session === undefined || this.#aborted || this.#closed || this.#flushing) return
    this.#flushing = true
    try {
      this.#report(session)
      this.#write(session)
    } finally {
      this.#flushing = false
    }
    this.#arm()
    if (this.#ending && !session.hasOutput) this.#finish()
  }

  #write(session: Session): void {
    for (;;) {
      const ahead = session.ahead
      const room = ahead - this.#link.queuedBytes
      if (room <= 0) {
        // Below what may wait, or the drain that continues would never come.
        this.#link.lowWaterMark = Math.floor(ahead / 2)
        return
      }
      if (this.#turnBytes >= TURN_BYTES) {
        this.#continueNextTurn()
        return
      }
      const out: Uint8Array[] = []
      const bytes = session.pull(Math.min(room, BATCH_BYTES), out)
      if (bytes === 0) return
      this.#link.write(out)
      this.#written += bytes
      const { copies, queuedBytes, takenBytes } = this.#link
      if (copies) this.#unsent.push({ out, end: takenBytes + queuedBytes })
      this.#countTurn(bytes)
    }
  }

  /** Bytes of a turn are counted until the event loop has come round. */
  #countTurn(bytes: number): void {
    if (this.#turnBytes === 0) {
      setImmediate(() => {
        this.#turnBytes = 0
      })
    }
    this.#turnBytes += bytes
  }

  #continueNextTurn(): void {
    if (this.#turnTimer !== undefined) return
    this.#turnTimer = setImmediate(() => {
      this.#turnTimer = undefined
      this.#turnBytes = 0
      this.#flush()
    })
  }

  /** Tells the session how fast the link takes what it got. */
  #report(session: Session): void {
    const queued = this.#link.queuedBytes
    const accepted = this.#written - queued
    session.linkAccepted(accepted - this.#accepted, queued)
    this.#accepted = accepted
    this.#releaseSent()
  }

  #releaseSent(): void {
    let sent = 0
    for (const { out, end } of this.#unsent) {
      if (end > this.#link.takenBytes) break
      releaseBuffers(out)
      sent++
    }
    if (sent > 0) this.#unsent.splice(0, sent)
  }

  /** Never by a reset: when this session ends over a forged frame, the other end is not the peer. */
  #finish(): void {
    if (this.#closed) return
    this.#cancelTimer?.()
    this.#timerAt = Number.NEGATIVE_INFINITY
    this.#link.close(LINGER_MS)
  }

  #arm(): void {
    const session = this.#session
    if (session === undefined || this.#closed) return
    const deadline = session.nextDeadline()
    if (deadline >= this.#timerAt || deadline === Number.POSITIVE_INFINITY) return
    this.#cancelTimer?.()
    this.#timerAt = deadline
    this.#cancelTimer = this.#clock.schedule(Math.max(0, deadline - this.#clock.now()), () => {
      this.#timerAt = Number.POSITIVE_INFINITY
      session.tick()
      this.#arm()
    })
  }
}
