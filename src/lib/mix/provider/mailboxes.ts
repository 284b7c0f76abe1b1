/**
 * What waits at a provider for those who are not there: the bodies of packets by mailbox, in the order in which they came.
 * A body is durable before its sender hears of it, and stays until its receiver says that it has it.
 */
import { type Clock, concat, readU64, toHex, u64 } from '../../core/index.ts'
import { sha256 } from '../../crypto/index.ts'
import type { Store, StoreSchema } from '../../storage/index.ts'

export const MAILBOX_SCHEMA: StoreSchema = { name: 'mix.mailboxes', version: 1 }
const MAILBOX_ID_BYTES = 32

export interface MailboxLimits {
  /** Bodies that wait in one mailbox. */
  readonly maxBodies: number
  /** Bytes that wait in all. */
  readonly maxBytes: number
  /** Bodies are deleted when they have waited for longer. */
  readonly maxAgeMs: number
  /** A body that was handed out and not acknowledged is handed out again after this time. */
  readonly leaseMs: number
}

/** One mailbox has room for a file of 64 MiB in packets of 2 KiB. */
export const MAILBOX_LIMITS: MailboxLimits = {
  maxBodies: 65_536,
  maxBytes: 256 * 1024 * 1024,
  maxAgeMs: 7 * 24 * 60 * 60_000,
  leaseMs: 15_000,
}

export type Deposit = 'stored' | 'duplicate' | 'full'

export interface WaitingBody {
  readonly body: Uint8Array
  /** How many others wait. */
  readonly remaining: number
}

/** Names a body among those of its mailbox, for both sides: what a receiver learns must not count what others get. */
export const BODY_NAME_BYTES = 16

/** The beginning of its SHA-256. */
export function nameOfBody(body: Uint8Array): Uint8Array {
  return sha256(body).slice(0, BODY_NAME_BYTES)
}

interface Entry {
  readonly key: Uint8Array
  readonly bytes: number
  readonly storedAt: number
  /** Settles when the body is durable, or cannot be. */
  readonly isKept: Promise<unknown>
  leasedUntil: number
}

/** By name, the oldest first. */
type Mailbox = Map<string, Entry>

const TIME_BYTES = 8
/** Beside the body, so that empty ones are not free. */
const ENTRY_OVERHEAD_BYTES = 2048
/** A batch of the store is bounded. */
const DELETES_AT_ONCE = 256

export class Mailboxes {
  readonly #store: Store
  readonly #clock: Clock
  readonly #limits: MailboxLimits
  readonly #boxes = new Map<string, Mailbox>()
  #bytes = 0
  #nextOrder = 0

  private constructor(store: Store, clock: Clock, limits: MailboxLimits) {
    this.#store = store
    this.#clock = clock
    this.#limits = limits
  }

  /** @param store of {@link MAILBOX_SCHEMA}, which stays the caller's to close */
  static async open(store: Store, clock: Clock, limits: MailboxLimits = MAILBOX_LIMITS): Promise<Mailboxes> {
    const mailboxes = new Mailboxes(store, clock, limits)
    for await (const { key, value } of store.scan()) {
      const body = value.subarray(TIME_BYTES)
      mailboxes.#hold(toHex(key.subarray(0, MAILBOX_ID_BYTES)), toHex(nameOfBody(body)), {
        key,
        bytes: body.length,
        storedAt: Number(readU64(value, 0)),
        isKept: Promise.resolve(),
        leasedUntil: 0,
      })
      mailboxes.#nextOrder = Math.max(mailboxes.#nextOrder, Number(readU64(key, MAILBOX_ID_BYTES)) + 1)
    }
    return mailboxes
  }

  /** Bytes that wait, with what each body costs beside. */
  get heldBytes(): number {
    return this.#bytes
  }

  /**
   * Resolves once the body is durable, and only then may its sender be told. The same body twice is kept once: senders repeat
   * what was not acknowledged in time.
   * @param mailbox 32 bytes
   * @throws what the store throws; nothing is kept then
   */
  async deposit(mailbox: Uint8Array, body: Uint8Array): Promise<Deposit> {
    const box = toHex(mailbox)
    const name = toHex(nameOfBody(body))
    const known = this.#boxes.get(box)?.get(name)
    if (known !== undefined) {
      await known.isKept
      return 'duplicate'
    }
    const { maxBodies, maxBytes } = this.#limits
    const waiting = this.#boxes.get(box)?.size ?? 0
    if (waiting >= maxBodies || this.#bytes + body.length + ENTRY_OVERHEAD_BYTES > maxBytes) return 'full'
    const storedAt = this.#clock.wallMs()
    const key = concat(mailbox, u64(this.#nextOrder))
    this.#nextOrder += 1
    const isKept = this.#store.batch([{ put: key, value: concat(u64(storedAt), body) }])
    this.#hold(box, name, { key, bytes: body.length, storedAt, isKept, leasedUntil: 0 })
    try {
      await isKept
    } catch (error) {
      this.#letGo(box, name)
      throw error
    }
    return 'stored'
  }

  /** The oldest body that is not on its way already; undefined when there is none. */
  async take(mailbox: Uint8Array): Promise<WaitingBody | undefined> {
    const box = this.#boxes.get(toHex(mailbox))
    if (box === undefined) return undefined
    const now = this.#clock.now()
    for (const [name, entry] of box) {
      if (entry.leasedUntil > now) continue
      // Before the store is asked, so that two who ask at once do not get the same.
      entry.leasedUntil = now + this.#limits.leaseMs
      const value = await this.#store.get(entry.key)
      // Not durable yet, or deleted meanwhile.
      if (value === undefined || !box.has(name)) continue
      return { body: value.subarray(TIME_BYTES), remaining: box.size - 1 }
    }
    return undefined
  }

  /** Deletes what the receiver says that it has. @param names of bodies */
  async acknowledge(mailbox: Uint8Array, names: readonly Uint8Array[]): Promise<void> {
    await this.#delete(toHex(mailbox), names.map(toHex))
  }

  /** Deletes what nobody asked for in time. @returns how many bodies */
  async expire(): Promise<number> {
    const oldest = this.#clock.wallMs() - this.#limits.maxAgeMs
    let expired = 0
    for (const [id, box] of [...this.#boxes]) {
      const old = [...box].filter(([, { storedAt }]) => storedAt < oldest).map(([name]) => name)
      await this.#delete(id, old)
      expired += old.length
    }
    return expired
  }

  async #delete(box: string, names: readonly string[]): Promise<void> {
    const entries = this.#boxes.get(box)
    const held = names.filter((name) => entries?.has(name))
    for (let at = 0; at < held.length; at += DELETES_AT_ONCE) {
      const some = held.slice(at, at + DELETES_AT_ONCE)
      const keys = some.flatMap((name) => entries?.get(name)?.key ?? [])
      await this.#store.batch(keys.map((key) => ({ delete: key })))
      for (const name of some) this.#letGo(box, name)
    }
  }

  #hold(box: string, name: string, entry: Entry): void {
    const entries = this.#boxes.get(box) ?? new Map<string, Entry>()
    entries.set(name, entry)
    this.#boxes.set(box, entries)
    this.#bytes += entry.bytes + ENTRY_OVERHEAD_BYTES
  }

  /** A mailbox is there as long as something waits in it: whoever invents mailboxes makes us remember none. */
  #letGo(box: string, name: string): void {
    const entries = this.#boxes.get(box)
    const entry = entries?.get(name)
    if (entries === undefined || entry === undefined) return
    entries.delete(name)
    this.#bytes -= entry.bytes + ENTRY_OVERHEAD_BYTES
    if (entries.size === 0) this.#boxes.delete(box)
  }
}
