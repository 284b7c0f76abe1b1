/**
 * Which stream sends next: deficit round robin with a quantum of `weight x 1 KiB` (section 6.3). A stream may overdraw
 * its deficit by one frame and pays the debt in later rounds, so that frames stay full-sized and shares exact.
 */
import { QUANTUM_PER_WEIGHT } from '../../constants.ts'
import type { MuxStream } from './mux-stream.ts'

export class SendScheduler {
  #ring: MuxStream[] = []
  #waitingForSession: MuxStream[] = []

  get isEmpty(): boolean {
    return this.#ring.length === 0
  }

  add(stream: MuxStream): void {
    if (stream.scheduled) return
    stream.scheduled = true
    this.#ring.push(stream)
  }

  /** Session credit has come: what waited for it takes part again. */
  sessionCreditAdded(): void {
    const waiting = this.#waitingForSession
    this.#waitingForSession = []
    for (const stream of waiting) {
      stream.scheduled = false
      if (!stream.isClosed) this.add(stream)
    }
  }

  /**
   * The stream whose turn it is, or undefined when none can send. Call `sent` with what its frame carried.
   * @param sessionCredit bytes the session window still allows
   */
  next(sessionCredit: number): MuxStream | undefined {
    const ring = this.#ring
    for (;;) {
      const stream = ring[0]
      if (stream === undefined) return undefined
      if (!stream.canSend(sessionCredit)) {
        ring.shift()
        this.#park(stream, sessionCredit)
        continue
      }
      // Alone on the link there is nobody to be fair to.
      if (ring.length === 1) return stream
      if (stream.deficit > 0) return stream
      stream.deficit += stream.weight * QUANTUM_PER_WEIGHT
      ring.shift()
      ring.push(stream)
    }
  }

  /** Charges the frame that was just sealed for `stream`, the one `next` returned. */
  sent(stream: MuxStream, bytes: number): void {
    // An empty frame (OPEN or FIN alone) costs its header, or a flood of them would be free.
    if (this.#ring.length > 1) stream.deficit -= Math.max(bytes, 16)
    else stream.deficit = 0
  }

  remove(stream: MuxStream): void {
    if (!stream.scheduled) return
    stream.scheduled = false
    this.#ring = this.#ring.filter((other) => other !== stream)
    this.#waitingForSession = this.#waitingForSession.filter((other) => other !== stream)
  }

  clear(): void {
    this.#ring = []
    this.#waitingForSession = []
  }

  #park(stream: MuxStream, sessionCredit: number): void {
    // What it had left is lost, what it had overdrawn is not: it would come back and overdraw again.
    stream.deficit = Math.min(0, stream.deficit)
    const waitsForSession =
      sessionCredit <= 0 && !stream.isClosed && stream.queuedBytes > 0 && stream.credit > 0
    // `scheduled` stays set while it waits for the session, so that a write does not put it into the ring twice.
    if (waitsForSession) this.#waitingForSession.push(stream)
    else stream.scheduled = false
  }
}
