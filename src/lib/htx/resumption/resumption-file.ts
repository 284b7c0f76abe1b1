/**
 * A client's tickets in a file of mode 0600. Every look is a read, a decision and a durable rewrite under the lock of
 * the file, so that no two processes use one ticket.
 */
import {
  AivError,
  type Clock,
  EMPTY,
  equal,
  fromUtf8,
  isAivError,
  systemClock,
  unixSeconds,
  utf8,
} from '../../core/index.ts'
import { erase } from '../../crypto/index.ts'
import { readBounded, replaceFileAtomically, withFileLock } from '../../identity/index.ts'
import { blankEntry, isBlank, readSmallFile } from './blanking.ts'
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

interface FileContent {
  readonly entries: readonly TicketEntry[]
  /** Holds secrets: to be erased. */
  readonly content: Uint8Array
}

export interface TakenTicket {
  readonly ticket: HeldTicket
  /** Resolves when the ticket is durably gone from the file: it must not be sent before. */
  readonly deleted: Promise<void>
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
   * Takes the newest usable ticket out of the file. Tickets of this peer for another key than `x` go as well.
   * @param signal ends the wait for another process that has the file
   * @throws AivError `E_INPUT` when the file is something else or open to others; `E_PERMISSION`, `E_IO`, `E_TIMEOUT`,
   *   `E_ABORTED`
   */
  async take(wanted: WantedTicket, signal?: AbortSignal): Promise<TakenTicket | undefined> {
    const chosen = Promise.withResolvers<HeldTicket | undefined>()
    const deleted = Promise.withResolvers<void>()
    const done = this.#choose(wanted, chosen.resolve, deleted.resolve, signal)
    done.then(deleted.resolve, (error: unknown) => {
      chosen.reject(error)
      deleted.reject(error)
    })
    // Whoever has a ticket looks at it; without one there is nothing that could be sent too soon.
    deleted.promise.catch(() => {})
    const ticket = await chosen.promise
    if (ticket !== undefined) return { ticket, deleted: deleted.promise }
    await done
    return undefined
  }

  /** @param isGone called as soon as the disk has forgotten the ticket, before the lock is given back */
  async #choose(
    { peer, x, hybrid }: WantedTicket,
    choose: (ticket: HeldTicket | undefined) => void,
    isGone: () => void,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    const work = async (): Promise<void> => {
      const { entries, content } = await this.#read()
      const valid = this.#valid(entries).filter(({ ticket }) => ticket.peer !== peer || equal(ticket.x, x))
      let taken: HeldTicket | undefined
      for (const entry of valid) {
        const { ticket } = entry
        if (ticket.peer !== peer || ticket.hybrid !== hybrid || !this.#isOurs(entry)) continue
        if (taken === undefined || ticket.expires >= taken.expires) taken = ticket
      }
      choose(taken)
      try {
        // Most of the time the next rewrite, with the tickets of the new session, takes the remains along.
        if (taken === undefined || valid.length < entries.length || !(await this.#blank(content, taken)))
          await this.#replace(
            entries,
            valid.filter(({ ticket }) => ticket !== taken),
          )
        isGone()
      } finally {
        erase(content)
      }
    }
    await withFileLock(this.#path, work, undefined, signal)
  }

  /** Returns a ticket that was never sent. Never rejects: without it the next handshake is a full one. */
  async putBack({ ticket, deleted }: TakenTicket): Promise<void> {
    // Behind the deletion, or that would find it again; what went wrong with it shows here, too.
    await deleted.catch(() => {})
    await this.keep(ticket)
  }

  /** Removes what is left of tickets that were used. Never rejects. */
  async tidy(): Promise<void> {
    await this.#update((entries) => entries).catch(this.#onError)
  }

  /** Puts a ticket into the file and erases its psk here. Never rejects. */
  async keep(ticket: HeldTicket): Promise<void> {
    try {
      // One whose deletion failed may be there already.
      await this.#update((entries) =>
        bounded([
          ...entries.filter(({ ticket: { handle } }) => !equal(handle, ticket.handle)),
          { ticket, user: this.#user },
        ]),
      )
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
      const { entries, content } = await this.#read()
      erase(content)
      await this.#replace(entries, change(this.#valid(entries)))
    })
  }

  async #replace(before: readonly TicketEntry[], after: readonly TicketEntry[]): Promise<void> {
    if (after.length === before.length && after.every((entry, index) => entry === before[index])) return
    const bytes = utf8(`${JSON.stringify(after.map(formatEntry), null, 1)}\n`)
    await replaceFileAtomically(this.#path, bytes)
    erase(bytes)
  }

  async #blank(content: Uint8Array, ticket: HeldTicket): Promise<boolean> {
    try {
      return await blankEntry(this.#path, content, ticket)
    } catch {
      // Whatever keeps it from being written in place, such as its mode, is told by the way that replaces the file.
      return false
    }
  }

  async #read(): Promise<FileContent> {
    const { bytes: content, mode } = await this.#readBytes()
    if (content.length === 0) return { entries: [], content }
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      erase(content)
      throw unusable(this.#path, 'other users can open it')
    }
    try {
      const value: unknown = JSON.parse(fromUtf8(content))
      if (!Array.isArray(value)) throw new AivError('E_MALFORMED', 'it is not a list')
      return { entries: value.map(parseEntry), content }
    } catch {
      erase(content)
      // Without the cause: the parser's message quotes the input, which holds secrets.
      throw unusable(this.#path, 'it does not hold tickets')
    }
  }

  async #readBytes(): Promise<Awaited<ReturnType<typeof readBounded>>> {
    const small = readSmallFile(this.#path, FILE_BYTES_MOST)
    if (small !== undefined) return small
    // It is missing, or there is something to say about it.
    try {
      return await readBounded(this.#path, FILE_BYTES_MOST)
    } catch (error) {
      if (isAivError(error, 'E_NOT_FOUND')) return { bytes: EMPTY, mode: 0 }
      throw error
    }
  }

  #valid(entries: readonly TicketEntry[]): readonly TicketEntry[] {
    return entries.filter((entry) => !this.#isVoid(entry))
  }

  /** Used, expired, or got under a key that the same identity has rotated away. */
  #isVoid({ ticket, user }: TicketEntry): boolean {
    if (isBlank(ticket) || ticket.expires <= unixSeconds(this.#clock)) return true
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
