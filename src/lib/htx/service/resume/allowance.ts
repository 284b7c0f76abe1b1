/**
 * What continued services may hold. Records could be taken in as fast as they come: a peer that keeps to section 12.3
 * has at most 4 MiB beyond our last ACK on its way, for each service. But a peer has a thousand services, and a hostile
 * one keeps to nothing.
 *
 * Holding every service back at some small number would be the wrong answer. ACKs come in the same stream as data: of
 * two sides that write first and read afterwards, each would wait for the ACK behind the data that the other does not
 * take, which over plain TCP ends well as long as one of them reads. And all streams of a session share its window, so
 * that four downloads that somebody has paused would stop every other forward, and the ACKs that these wait for.
 *
 * So each service may hold what is left of the share of its peer (the dynamic thresholds of Choudhury and Hahne, 1998).
 * With few services that is as much as the specification allows. With many it shrinks, until every one gets little and
 * the streams that carry them are left unread: then the window of that peer's session, and of no other, pushes back.
 * Nobody is held back who waits for an ACK. One that must read on although nothing is left is ended instead.
 */

import type { Buffering } from '../../endpoint/memory-budget.ts'

/** Decides for one service. */
export interface Allowance {
  /** Bytes that the service may hold in each direction; not positive when everything is used up. */
  readonly room: number
  /** @param bytes that the service holds more than before, or less */
  held(bytes: number): void
}

/** What the endpoint of a session can still buffer, bytes. */
export interface Memory {
  readonly memoryRoom: number
}

/** The services of one peer. */
export class PeerShare {
  readonly #most: number
  #held = 0
  /** Services that belong to it. */
  services = 0

  /** @param most bytes */
  constructor(most: number) {
    this.#most = most
  }

  /** No more than what is left of the process to all others, so that nobody gets more than half of it. */
  room({ memoryRoom }: Memory): number {
    return Math.min(this.#most, memoryRoom) - this.#held
  }

  held(bytes: number): void {
    this.#held += bytes
  }
}

/** A service with what its application has written and it has not taken. */
export function heldBy(service: Buffering, stream: { readonly waitingBytes: number }): Buffering {
  return {
    get bufferedBytes() {
      return service.bufferedBytes + stream.waitingBytes
    },
  }
}
