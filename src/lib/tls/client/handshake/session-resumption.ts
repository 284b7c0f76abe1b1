/** The session that a client offers to go on with (RFC 8446 sections 2.2 and 4.2.11). */
import type { ResumptionOffer } from '../../browser/build/resumption-offer.ts'
import { CIPHER_SUITES, type CipherSuite } from '../../schedule/cipher-suites.ts'
import { finishedMac, KeySchedule } from '../../schedule/key-schedule.ts'
import { transcriptOf } from '../../schedule/transcript.ts'

/** For a later connection to the same server; good for one use, so that nobody sees two connections of one client. */
export interface SessionTicket {
  /** Secret. */
  readonly psk: Uint8Array
  readonly ticket: Uint8Array
  readonly ageAdd: number
  /** Seconds from when it came. */
  readonly lifetime: number
  readonly cipherSuite: number
}

export interface OfferedSession {
  readonly ticket: SessionTicket
  /** Milliseconds since the ticket came. */
  readonly ageMs: number
}

export class SessionResumption {
  readonly suite: CipherSuite
  readonly psk: Uint8Array
  readonly #offered: OfferedSession

  private constructor(suite: CipherSuite, offered: OfferedSession) {
    this.suite = suite
    this.psk = offered.ticket.psk
    this.#offered = offered
  }

  /** Undefined for a session that is too old, or of a suite that is not spoken. */
  static of(offered: OfferedSession): SessionResumption | undefined {
    const { ticket, ageMs } = offered
    const suite = CIPHER_SUITES.get(ticket.cipherSuite)
    const isAlive = ageMs >= 0 && ageMs < ticket.lifetime * 1000
    return suite === undefined || !isAlive ? undefined : new SessionResumption(suite, offered)
  }

  /** @param before what stands before the hello in the transcript: the first hello and the request for another */
  offer(before: readonly Uint8Array[]): ResumptionOffer {
    const { ticket, ageMs } = this.#offered
    return {
      ticket: ticket.ticket,
      obfuscatedAge: (Math.floor(ageMs) + ticket.ageAdd) % 2 ** 32,
      binderBytes: this.suite.hashBytes,
      binderOf: (truncated) => this.#binder([...before, truncated]),
    }
  }

  #binder(messages: readonly Uint8Array[]): Uint8Array {
    const transcript = transcriptOf(this.suite, ...messages)
    const schedule = new KeySchedule(this.suite, this.psk)
    const binder = finishedMac(this.suite, schedule.binderKey(), transcript.digest())
    schedule.erase()
    return binder
  }
}
