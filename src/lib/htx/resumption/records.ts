/**
 * The tickets a listener has issued (section 8): single use, bounded, encrypted at rest. Several processes may share
 * one store.
 */
import { type Clock, type RandomSource, toHex, unixSeconds } from '../../core/index.ts'
import { erase, sha256 } from '../../crypto/index.ts'
import { type KeyRange, openMemoryStore, type Store, type StoreOp } from '../../storage/index.ts'
import type { ResumptionSecret } from '../keys/schedule.ts'
import { ticketExpiry } from './chain.ts'
import {
  DELETE_BATCH,
  HANDLE_LENGTH,
  RECORDS_MOST,
  SWEEP_EVERY,
  SWEEP_RESERVE,
  TICKET_LIFETIME_S,
} from './constants.ts'
import { RecordSeal, type ResumptionRecord, type ResumptionTicketHolder } from './record.ts'
import {
  ALL_BY_AGE,
  deleteOps,
  placeByAge,
  placeOfPeer,
  putOps,
  type RecordPlace,
  RecordScopes,
  recordKey,
} from './record-keys.ts'

/** The schema of the store that `ResumptionRecords` writes to. */
export const RESUMPTION_SCHEMA = { name: 'htx.resumption', version: 1 } as const

/** Who issues: the owner of the records and the keys that protect them. */
export interface RecordOwner {
  /** Peer id. */
  readonly peer: string
  readonly staticKey: { readonly publicKey: Uint8Array }
  /** 32 bytes that only this identity gives; others after a rotation. */
  deriveKey(purpose: string): Uint8Array
}

export interface RecordLimits {
  readonly entries: number
  /** Tickets issued between two looks at the number. */
  readonly sweepEvery: number
  /** Room left at each look for what is issued until the next one. */
  readonly reserve: number
}

export interface ResumptionRecordsOptions {
  readonly owner: RecordOwner
  readonly clock: Clock
  readonly random: RandomSource
  /** Of `RESUMPTION_SCHEMA`; in memory, and gone with the process, when absent. */
  readonly store?: Store
  readonly limits?: RecordLimits
  /** Told when a ticket could not be written: its client will need a full handshake. */
  readonly onError: (error: Error) => void
}

/** A record that was found and is still there. */
export interface FoundRecord {
  readonly record: ResumptionRecord
  readonly id: Uint8Array
  readonly sealed: Uint8Array
}

/** What NEW_TICKET carries. */
export interface IssuedTicket {
  readonly lifetimeSeconds: number
  readonly handle: Uint8Array
}

const DEFAULT_LIMITS: RecordLimits = {
  entries: RECORDS_MOST,
  sweepEvery: SWEEP_EVERY,
  reserve: SWEEP_RESERVE,
}

export class ResumptionRecords {
  readonly #store: Store
  readonly #clock: Clock
  readonly #random: RandomSource
  readonly #limits: RecordLimits
  readonly #onError: (error: Error) => void
  readonly #seal: RecordSeal
  readonly #scopes: RecordScopes
  /** Writes under way, by id: a client may come back sooner than its ticket is durable. */
  readonly #writing = new Map<string, Promise<void>>()
  #issuedSinceSweep = 0
  #sweeping = false

  private constructor(store: Store, options: ResumptionRecordsOptions) {
    const { owner, clock, random, limits, onError } = options
    this.#store = store
    this.#clock = clock
    this.#random = random
    this.#limits = limits ?? DEFAULT_LIMITS
    this.#onError = onError
    this.#seal = new RecordSeal(owner.deriveKey('aiv htx resumption records v1'), random)
    const indexKey = owner.deriveKey('aiv htx resumption index v1')
    this.#scopes = new RecordScopes(owner.peer, owner.staticKey.publicKey, indexKey)
  }

  /** Opens the records and deletes those of keys that the owner has rotated away. */
  static async open(options: ResumptionRecordsOptions): Promise<ResumptionRecords> {
    const store = options.store ?? (await openMemoryStore(RESUMPTION_SCHEMA))
    const records = new ResumptionRecords(store, options)
    await records.#deleteAll(records.#scopes.underOldOwnKeys())
    await records.#sweep()
    return records
  }

  /**
   * Makes up to `count` tickets and erases the secret; none when nothing is left of the chain. They are durable a
   * little later: a crash in between leaves a ticket that nobody knows, which costs its client a full handshake.
   */
  issue(secret: ResumptionSecret, holder: ResumptionTicketHolder, count: number): readonly IssuedTicket[] {
    const created = unixSeconds(this.#clock)
    const expires = ticketExpiry(this.#clock, holder, TICKET_LIFETIME_S)
    const tickets: IssuedTicket[] = []
    const ops: StoreOp[] = []
    const ids: string[] = []
    for (let i = 0; i < count && expires > created; i++) {
      const handle = this.#random.bytes(HANDLE_LENGTH)
      const psk = secret.pskFor(handle)
      const id = sha256(handle)
      const place = { id, created, scope: this.#scopes.of(holder.peer, holder.x) }
      ops.push(...putOps(place, this.#seal.seal(id, { ...holder, psk, created, expires })))
      ids.push(toHex(id))
      erase(psk)
      tickets.push({ lifetimeSeconds: expires - created, handle })
    }
    secret.erase()
    if (ids.length > 0) this.#write(ids, ops)
    return tickets
  }

  /** The record of a handle: of this owner, and not expired. It stays until `take`. */
  async find(handle: Uint8Array): Promise<FoundRecord | undefined> {
    const id = sha256(handle)
    await this.#writing.get(toHex(id))
    const sealed = await this.#store.get(recordKey(id))
    const record = sealed === undefined ? undefined : this.#seal.open(id, sealed)
    if (sealed === undefined || record === undefined) return undefined
    const now = unixSeconds(this.#clock)
    if (record.expires > now && record.certNotAfter > now) return { record, id, sealed }
    erase(record.psk)
    return undefined
  }

  /** Deletes the record durably; false when another link, or another process, has used it. */
  async take({ record, id, sealed }: FoundRecord): Promise<boolean> {
    const place = { id, created: record.created, scope: this.#scopes.of(record.peer, record.x) }
    return await this.#store.batch(deleteOps(place), { ifEqual: [{ key: recordKey(id), value: sealed }] })
  }

  /** Deletes what was issued to a peer under another key than the one it has just proved (section 2.3). */
  async forgetOtherKeys(peer: string, x: Uint8Array): Promise<void> {
    await this.#deleteAll(this.#scopes.underOtherKeys(peer, x))
  }

  #write(ids: readonly string[], ops: readonly StoreOp[]): void {
    const written = this.#store
      .batch(ops)
      .then(() => {})
      .catch(this.#onError)
      .finally(() => {
        for (const id of ids) this.#writing.delete(id)
      })
    for (const id of ids) this.#writing.set(id, written)
    this.#issuedSinceSweep += ids.length
    if (this.#issuedSinceSweep < this.#limits.sweepEvery || this.#sweeping) return
    void written.then(() => this.#sweep()).catch(this.#onError)
  }

  /** Deletes what has expired, and the oldest beyond the bound. */
  async #sweep(): Promise<void> {
    if (this.#sweeping) return
    this.#sweeping = true
    this.#issuedSinceSweep = 0
    try {
      const { entries, reserve } = this.#limits
      let surplus = (await this.#store.count(ALL_BY_AGE)) - (entries - reserve)
      const oldest = unixSeconds(this.#clock) - TICKET_LIFETIME_S
      const old: RecordPlace[] = []
      for await (const { key, value } of this.#store.scan(ALL_BY_AGE)) {
        const place = placeByAge(key, value)
        if (surplus-- <= 0 && place.created > oldest) break
        old.push(place)
        if (old.length === DELETE_BATCH) await this.#delete(old.splice(0))
      }
      await this.#delete(old)
    } finally {
      this.#sweeping = false
    }
  }

  async #deleteAll(ranges: readonly KeyRange[]): Promise<void> {
    const found: RecordPlace[] = []
    for (const range of ranges) {
      for await (const { key, value } of this.#store.scan(range)) {
        found.push(placeOfPeer(key, value))
        if (found.length === DELETE_BATCH) await this.#delete(found.splice(0))
      }
    }
    await this.#delete(found)
  }

  async #delete(places: readonly RecordPlace[]): Promise<void> {
    if (places.length > 0) await this.#store.batch(places.flatMap(deleteOps))
  }
}
