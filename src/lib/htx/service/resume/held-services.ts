/**
 * What continued services hold, for each peer and in all. A service is never held back: of two sides that write first
 * and read afterwards each waits for an ACK, which lies behind data; and all streams of a session share its window, so
 * that a few downloads that somebody has paused would stop every other forward and the ACKs that these wait for. So each
 * may hold what section 12.3 allows, some megabytes, as long as the memory lasts. Beyond that one has to end, and it is
 * the one that nothing has gone through for the longest time: somebody paused it, and the others are at work.
 */
import { AivError, type TimerClock } from '../../../core/index.ts'
import type { Buffering } from '../../endpoint/memory-budget.ts'
import { ENDED_LEAST, RELIEF_PAUSE_MS } from './constants.ts'

/** What can be ended to free its memory. */
export interface Holder {
  readonly heldBytes: number
  /** Ends it, and tells both its application and the peer. */
  end(): void
}

/** What the endpoint of a session can still buffer; not positive when everything is used up. Bytes. */
export interface Memory {
  readonly memoryRoom: number
}

export class HeldServices {
  readonly #clock: TimerClock
  readonly #perPeer: number
  readonly #shares = new Set<PeerShare>()
  #relievedAt = Number.NEGATIVE_INFINITY

  /** @param perPeer bytes that the services of one peer hold together at most */
  constructor(clock: TimerClock, perPeer: number) {
    this.#clock = clock
    this.#perPeer = perPeer
  }

  share(): PeerShare {
    const share = new PeerShare((memory) => this.#relieve(share, memory))
    this.#shares.add(share)
    return share
  }

  forget(share: PeerShare): void {
    this.#shares.delete(share)
  }

  #relieve(grown: PeerShare, { memoryRoom }: Memory): void {
    while (grown.heldBytes > this.#perPeer && grown.endOne() > 0);
    // The sum over the process is made now and then: what was ended shows in the next one.
    if (memoryRoom > 0 || this.#clock.now() - this.#relievedAt < RELIEF_PAUSE_MS) return
    this.#relievedAt = this.#clock.now()
    for (let missing = 1 - memoryRoom; missing > 0; ) {
      let largest = grown
      for (const share of this.#shares) if (share.heldBytes > largest.heldBytes) largest = share
      const freed = largest.endOne()
      if (freed === 0) return
      missing -= freed
    }
  }
}

/** The services of one peer. */
export class PeerShare {
  readonly #onGrown: (memory: Memory) => void
  /** The one that something went through last is the last one. */
  readonly #holders = new Set<Holder>()
  #heldBytes = 0

  constructor(onGrown: (memory: Memory) => void) {
    this.#onGrown = onGrown
  }

  get heldBytes(): number {
    return this.#heldBytes
  }

  /** Services that belong to it. */
  get services(): number {
    return this.#holders.size
  }

  add(holder: Holder): void {
    this.#holders.add(holder)
  }

  /** Something went through a service. */
  progressed(holder: Holder): void {
    if (this.#holders.delete(holder)) this.#holders.add(holder)
  }

  remove(holder: Holder): void {
    this.#holders.delete(holder)
  }

  /** @param bytes that a service holds more than before, or less */
  held(bytes: number, memory: Memory): void {
    this.#heldBytes += bytes
    if (bytes > 0) this.#onGrown(memory)
  }

  /** @returns bytes that it held; 0 when none holds much */
  endOne(): number {
    for (const holder of this.#holders) {
      const { heldBytes } = holder
      if (heldBytes < ENDED_LEAST) continue
      holder.end()
      return heldBytes
    }
    return 0
  }
}

/** Why a service was ended. */
export function stoodStill(): AivError {
  return new AivError(
    'E_TOO_LARGE',
    'what it held was needed for others, and nothing had gone through it for long',
  )
}

/** A service with what its application has written and it has not taken. */
export function heldBy(service: Buffering, stream: { readonly waitingBytes: number }): Buffering {
  return {
    get bufferedBytes() {
      return service.bufferedBytes + stream.waitingBytes
    },
  }
}
