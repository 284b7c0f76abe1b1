/**
 * A client's tickets in a file of mode 0600. Every look is a read, a decision and a durable rewrite under the lock of
 * the file, so that no two processes use one ticket.
 */
import {
  AivError,
  type Clock,
  equal,
  fromUtf8,
  isAivError,
  systemClock,
  unixSeconds,
  utf8,
} from '../../core/index.ts'
import { erase } from '../../crypto/index.ts'
import { readBounded, replaceFileAtomically, withFileLock } from '../../identity/index.ts'
import { FILE_BYTES_MOST, FILE_TICKETS_MOST, FILE_TICKETS_PER_PEER } from './constants.ts'
import {
  formatEntry,
  type HeldTicket,
  parseEntry,
  type TicketEntry,
  type TicketUser,
} from './ticket-entry.ts'

/** Permission bits of the group and of others. */
const OTHERS = 0o077

export interface ResumptionFileOptions {
  /** The identity that connects; a throw-away one when absent, whose tickets serve every throw-away one. */
  readonly user?: TicketUser
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Told when a ticket could not be kept: the session goes on without it. */
  readonly onError?: (error: Error) => void
}

/** Which ticket is wanted. */
export interface WantedTicket {
  readonly peer: string
  /** The key that the peer has now. */
  readonly x: Uint8Array
  readonly hybrid: boolean
}

export class ResumptionFile {
  readonly #path: string
  readonly #user: TicketUser | undefined
  readonly #clock: Clock
  readonly #onError: (error: Error) => void

  /** @param path made when the first ticket comes */
  constructor(path: string, options: ResumptionFileOptions = {}) {
    this.#path = path
    this.#user = options.user
    this.#clock = options.clock ?? systemClock
    this.#onError = options.onError ?? (() => {})
  }

  /**
   * Takes the newest usable ticket out of the file, durably. Tickets of this peer for another key than `x` go as well.
   * @throws AivError `E_INPUT` when the file is something else or open to others; `E_PERMISSION`, `E_IO`, `E_TIMEOUT`
   */
  async take({ peer, x, hybrid }: WantedTicket): Promise<HeldTicket | undefined> {
    let taken: TicketEntry | undefined
    await this.#update((entries) => {
      const valid = entries.filter(({ ticket }) => ticket.peer !== peer || equal(ticket.x, x))
      for (const entry of valid) {
        const { ticket } = entry
        if (ticket.peer !== peer || ticket.hybrid !== hybrid || !this.#isOurs(entry)) continue
        if (taken === undefined || ticket.expires >= taken.ticket.expires) taken = entry
      }
      return valid.filter((entry) => entry !== taken)
    })
    return taken?.ticket
  }

  /** Puts a ticket into the file and erases its psk here. Never rejects. */
  async keep(ticket: HeldTicket): Promise<void> {
    try {
      await this.#update((entries) => bounded([...entries, { ticket, user: this.#user }]))
    } catch (error) {
      this.#onError(error as Error)
    } finally {
      erase(ticket.psk)
    }
  }

  /** Deletes the tickets of a peer for another key than the one it has just proved (section 2.3). */
  async forgetOtherKeys(peer: string, x: Uint8Array): Promise<void> {
    await this.#update((entries) =>
      entries.filter(({ ticket }) => ticket.peer !== peer || equal(ticket.x, x)),
    )
  }

  async #update(change: (entries: readonly TicketEntry[]) => readonly TicketEntry[]): Promise<void> {
    await withFileLock(this.#path, async () => {
      const found = await this.#read()
      const after = change(found.filter((entry) => !this.#isVoid(entry)))
      const same = after.length === found.length && after.every((entry, index) => entry === found[index])
      if (same) return
      const bytes = utf8(`${JSON.stringify(after.map(formatEntry), null, 1)}\n`)
      await replaceFileAtomically(this.#path, bytes)
      erase(bytes)
    })
  }

  async #read(): Promise<readonly TicketEntry[]> {
    let bytes: Uint8Array
    try {
      const found = await readBounded(this.#path, FILE_BYTES_MOST)
      bytes = found.bytes
      if (process.platform !== 'win32' && bytes.length > 0 && (found.mode & OTHERS) !== 0)
        throw unusable(this.#path, 'other users can open it')
    } catch (error) {
      if (isAivError(error, 'E_NOT_FOUND')) return []
      throw error
    }
    try {
      if (bytes.length === 0) return []
      const value: unknown = JSON.parse(fromUtf8(bytes))
      if (!Array.isArray(value)) throw new AivError('E_MALFORMED', 'it is not a list')
      return value.map(parseEntry)
    } catch {
      // Without the cause: the parser's message quotes the input, which holds secrets.
      throw unusable(this.#path, 'it does not hold tickets')
    } finally {
      erase(bytes)
    }
  }

  /** Expired, or got under a key that the same identity has rotated away. */
  #isVoid({ ticket, user }: TicketEntry): boolean {
    if (ticket.expires <= unixSeconds(this.#clock)) return true
    return user !== undefined && user.peer === this.#user?.peer && !equal(user.x, this.#user.x)
  }

  /** A session is resumed under the identity that got the ticket, never under another. */
  #isOurs({ user }: TicketEntry): boolean {
    return user?.peer === this.#user?.peer
  }
}

/** The newest of each peer, and of all. */
function bounded(entries: readonly TicketEntry[]): readonly TicketEntry[] {
  const newest = entries.toSorted((a, b) => b.ticket.expires - a.ticket.expires)
  const perPeer = new Map<string, number>()
  const kept = new Set<TicketEntry>()
  for (const entry of newest) {
    const count = (perPeer.get(entry.ticket.peer) ?? 0) + 1
    if (count > FILE_TICKETS_PER_PEER || kept.size >= FILE_TICKETS_MOST) continue
    perPeer.set(entry.ticket.peer, count)
    kept.add(entry)
  }
  return entries.filter((entry) => kept.has(entry))
}

function unusable(path: string, why: string): AivError {
  return new AivError('E_INPUT', `${path} cannot be used for resumption: ${why}`, {
    hint: 'Name another file, or delete this one if its tickets are not needed.',
  })
}
