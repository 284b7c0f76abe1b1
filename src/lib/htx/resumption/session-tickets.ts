/** The tickets of one session on either side. Each erases R as soon as the last ticket was derived from it. */
import type { TimerClock } from '../../core/index.ts'
import type { ResumptionSecret } from '../keys/schedule.ts'
import { type ResumptionChain, ticketExpiry } from './chain.ts'
import { TICKETS_WAIT_MS } from './constants.ts'
import type { ResumptionTicketHolder } from './record.ts'
import type { ResumptionRecords } from './records.ts'
import type { ResumptionFile } from './resumption-file.ts'
import type { HeldTicket } from './ticket-entry.ts'

/** What a session does about tickets once both sides have confirmed the feature. */
export interface SessionTickets {
  /**
   * The session begins.
   * @param secret R, to be erased as soon as it is not needed
   * @param send sends NEW_TICKET
   */
  begin(secret: ResumptionSecret, send: (lifetimeSeconds: number, handle: Uint8Array) => void): void
  /** The peer issued a ticket. */
  received(lifetimeSeconds: number, handle: Uint8Array): void
}

/** A listener's side. */
export class ResumptionTicketIssuer implements SessionTickets {
  readonly #records: ResumptionRecords
  readonly #holder: ResumptionTicketHolder
  readonly #count: number
  #issue: () => void = () => {}

  constructor(records: ResumptionRecords, holder: ResumptionTicketHolder, count: number) {
    this.#records = records
    this.#holder = holder
    this.#count = count
  }

  begin(secret: ResumptionSecret, send: (lifetimeSeconds: number, handle: Uint8Array) => void): void {
    this.#issue = () => {
      for (const { lifetimeSeconds, handle } of this.#records.issue(secret, this.#holder, this.#count))
        send(lifetimeSeconds, handle)
    }
  }

  /** Issues, once it is certain that the client is there; nothing when the feature was not confirmed. */
  issue(): void {
    this.#issue()
    this.#issue = () => {}
  }

  received(): void {}
}

/** A client's side. */
export class ResumptionTicketCollector implements SessionTickets {
  readonly #ticket: Omit<HeldTicket, 'handle' | 'psk' | 'expires'>
  readonly #clock: TimerClock
  readonly #file: ResumptionFile
  readonly #kept: Promise<void>[] = []
  #left: number
  #secret: ResumptionSecret | undefined
  #cancelErasure: () => void = () => {}

  /** @param most tickets to accept; further ones are ignored */
  constructor(
    ticket: ResumptionChain & Pick<HeldTicket, 'peer' | 'x' | 'hybrid'>,
    most: number,
    clock: TimerClock,
    file: ResumptionFile,
  ) {
    this.#ticket = ticket
    this.#left = most
    this.#clock = clock
    this.#file = file
  }

  begin(secret: ResumptionSecret): void {
    this.#secret = secret
    // A listener that issues fewer would leave in memory what opens every later ticket of this session.
    this.#cancelErasure = this.#clock.schedule(TICKETS_WAIT_MS, () => this.#eraseSecret())
  }

  received(lifetimeSeconds: number, handle: Uint8Array): void {
    const secret = this.#secret
    if (secret === undefined) return
    const psk = secret.pskFor(handle)
    this.#left--
    if (this.#left === 0) this.#eraseSecret()
    const expires = ticketExpiry(this.#clock, this.#ticket, lifetimeSeconds)
    this.#kept.push(this.#file.keep({ ...this.#ticket, handle: handle.slice(), psk, expires }))
  }

  /** Resolves when what was received so far is kept, and what was used before is gone. */
  async settled(): Promise<void> {
    this.#eraseSecret()
    if (this.#kept.length === 0) await this.#file.tidy()
    await Promise.all(this.#kept)
  }

  #eraseSecret(): void {
    this.#cancelErasure()
    this.#secret?.erase()
    this.#secret = undefined
  }
}
