/** The known peers (htx 2.1 and 2.3): their Noise keys, and the record that keeps old certificates from returning. */
import { type Clock, equal, systemClock, unixSeconds } from '../../core/index.ts'
import { HASH_BYTES } from '../../crypto/index.ts'
import type { VerifiedCertificate } from '../certificate.ts'
import { LAST_SEEN_RESOLUTION, MAX_WILDCARD_PEERS, MIN_STALE_LINES } from '../constants.ts'
import { formatPeerLine, type KnownPeer, parsePeerLine } from './peer-line.ts'
import { PeerLog } from './peer-log.ts'
import { judgeCertificate, type RecordOutcome } from './roll-back.ts'

/** No certificate has this hash, and every certificate is newer than none. */
const NO_CERTIFICATE_YET = new Uint8Array(HASH_BYTES)

export interface KnownPeersOptions {
  /** Default: the machine's. */
  readonly clock?: Clock
  /** Most peers that only a wildcard admitted; default 100,000. */
  readonly maxWildcardPeers?: number
}

export interface RecordOptions {
  /** The peer is not named by an address or an access list: its record is one of a bounded number. */
  readonly wildcard?: boolean
}

interface WaitingRecord {
  readonly certificate: VerifiedCertificate
  readonly wildcard: boolean
  readonly resolve: (outcome: RecordOutcome) => void
  readonly reject: (error: unknown) => void
}

/** A decision and the record to be written for it. */
interface Decision {
  readonly outcome: RecordOutcome
  readonly peer: KnownPeer
  /** False when the file already says as much. */
  readonly write: boolean
}

/** Every method refuses with `E_INPUT` when the file is unreadable, `E_PERMISSION` or `E_IO` when it is out of reach. */
export class KnownPeers {
  readonly #clock: Clock
  readonly #maxWildcardPeers: number
  readonly #log: PeerLog | undefined
  readonly #named = new Map<string, KnownPeer>()
  /** Least recently seen first. */
  readonly #wildcard = new Map<string, KnownPeer>()
  #waiting: WaitingRecord[] = []
  /** Tail of the queue of everything that reads or writes the file. */
  #turn: Promise<unknown> = Promise.resolve()

  /**
   * @param path the file, made when first needed; several processes may share it. Undefined keeps everything in
   *   memory only
   */
  constructor(path: string | undefined, options: KnownPeersOptions = {}) {
    this.#clock = options.clock ?? systemClock
    this.#maxWildcardPeers = options.maxWildcardPeers ?? MAX_WILDCARD_PEERS
    if (path === undefined) return
    const reader = {
      restart: () => this.#forgetAll(),
      line: (text: Uint8Array, number: number) => this.#keep(parsePeerLine(text, number)),
    }
    this.#log = new PeerLog(path, reader)
  }

  /** The record of a peer. */
  lookup(peer: string): Promise<KnownPeer | undefined> {
    return this.#inTurn(async () => {
      await this.#log?.refresh()
      return this.#find(peer)
    })
  }

  /** The Noise key on record, 32 bytes. */
  async keyOf(peer: string): Promise<Uint8Array | undefined> {
    return (await this.lookup(peer))?.x
  }

  /** All records, named ones first. */
  list(): Promise<readonly KnownPeer[]> {
    return this.#inTurn(async () => {
      await this.#log?.refresh()
      return [...this.#named.values(), ...this.#wildcard.values()]
    })
  }

  /**
   * Applies the roll-back rule to a certificate that `verifyCertificate` has accepted, and records it. What is new
   * is durable, and visible to every process that shares the file, when this resolves.
   * @throws CertificateError `rolled back`; AivError `E_IO`, `E_PERMISSION`, `E_TIMEOUT`, `E_INPUT` when the record
   *   could not be read or written: then the session must not go on
   */
  checkAndRecord(certificate: VerifiedCertificate, options: RecordOptions = {}): Promise<RecordOutcome> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ certificate, wildcard: options.wildcard ?? false, resolve, reject })
      // Those that come while a turn is at work share the next one, and its one sync.
      if (this.#waiting.length === 1) void this.#inTurn(() => this.#recordWaiting())
    })
  }

  /**
   * `checkAndRecord` for callers that need no outcome.
   * @param named an address or an access list names the peer
   */
  async record(certificate: VerifiedCertificate, named: boolean): Promise<void> {
    await this.checkAndRecord(certificate, { wildcard: !named })
  }

  /**
   * Puts a peer and its Noise key on record because somebody here vouches for them; durable when it resolves. What is
   * known of its certificates stays, so that an older one is still refused.
   * @param x 32 bytes
   */
  trust(peer: string, x: Uint8Array): Promise<KnownPeer> {
    return this.#inTurn(async () => {
      await this.#log?.prepare()
      return this.#locked(async () => {
        const exists = await this.#log?.refresh()
        const now = unixSeconds(this.#clock)
        const known = this.#find(peer)
        const record: KnownPeer = {
          peer,
          x: x.slice(),
          firstSeen: known?.firstSeen ?? now,
          lastSeen: now,
          certHash: known?.certHash ?? NO_CERTIFICATE_YET,
          notBefore: known?.notBefore ?? 0,
          wildcard: false,
        }
        await this.#write([record], exists === true)
        return record
      })
    })
  }

  /** Forgets a peer, its roll-back record included. Resolves to whether it was known. */
  remove(peer: string): Promise<boolean> {
    return this.#inTurn(async () => {
      await this.#log?.prepare()
      return this.#locked(async () => {
        await this.#log?.refresh()
        const known = this.#named.delete(peer) || this.#wildcard.delete(peer)
        if (known) await this.#rewrite()
        return known
      })
    })
  }

  async #recordWaiting(): Promise<void> {
    let group = this.#waiting
    this.#waiting = []
    try {
      await this.#log?.refresh()
      if (this.#log?.isDoubtful !== true) group = group.filter((each) => !this.#settleUnchanged(each))
      if (group.length === 0) return
      await this.#log?.prepare()
      await this.#locked(() => this.#recordGroup(group))
    } catch (error) {
      for (const { reject } of group) reject(error)
    }
  }

  /** Most certificates were seen before: they need neither the lock nor a write. */
  #settleUnchanged(each: WaitingRecord): boolean {
    try {
      const { outcome, peer, write } = this.#decide(each, this.#find(each.certificate.peer))
      if (write) return false
      this.#keep(peer)
      each.resolve(outcome)
    } catch (error) {
      each.reject(error)
    }
    return true
  }

  async #recordGroup(group: readonly WaitingRecord[]): Promise<void> {
    const exists = await this.#log?.refresh()
    const decided = new Map<string, KnownPeer>()
    const settle: (() => void)[] = []
    for (const each of group) {
      try {
        const { peer } = each.certificate
        const decision = this.#decide(each, decided.get(peer) ?? this.#find(peer))
        decided.set(peer, decision.peer)
        settle.push(() => each.resolve(decision.outcome))
      } catch (error) {
        settle.push(() => each.reject(error))
      }
    }
    await this.#write([...decided.values()], exists === true)
    for (const each of settle) each()
  }

  #decide({ certificate, wildcard }: WaitingRecord, known: KnownPeer | undefined): Decision {
    const outcome = judgeCertificate(known, certificate)
    const now = unixSeconds(this.#clock)
    const named = known?.wildcard === false || !wildcard
    const peer: KnownPeer = {
      peer: certificate.peer,
      x: certificate.noisePublic.slice(),
      firstSeen: known?.firstSeen ?? now,
      lastSeen: now,
      certHash: certificate.hash.slice(),
      notBefore: certificate.notBefore,
      wildcard: !named,
    }
    const fresh = known !== undefined && Math.abs(now - known.lastSeen) < LAST_SEEN_RESOLUTION
    const unchanged = known?.wildcard === peer.wildcard && equal(known.x, peer.x)
    if (known !== undefined && outcome === 'same' && fresh && unchanged)
      // The record's own time stays: it says what the file says.
      return { outcome, peer: known, write: false }
    return { outcome, peer, write: true }
  }

  /** Makes records durable, then known. */
  async #write(records: readonly KnownPeer[], exists: boolean): Promise<void> {
    if (records.length === 0) return
    const live = this.#named.size + this.#wildcard.size
    const stale = (this.#log?.lines ?? 0) - live
    const mayAppend = exists && this.#log?.isDoubtful !== true
    if (mayAppend && stale <= Math.max(MIN_STALE_LINES, live / 2)) {
      await this.#log?.append(records.map(formatPeerLine))
      for (const record of records) this.#keep(record)
      return
    }
    const before = records.map(({ peer }) => [peer, this.#find(peer)] as const)
    for (const record of records) this.#keep(record)
    try {
      await this.#rewrite()
    } catch (error) {
      for (const [peer, record] of before) {
        this.#drop(peer)
        if (record !== undefined) this.#keep(record)
      }
      throw error
    }
  }

  async #rewrite(): Promise<void> {
    const live = [...this.#named.values(), ...this.#wildcard.values()]
    await this.#log?.rewrite(live.map(formatPeerLine))
  }

  #find(peer: string): KnownPeer | undefined {
    return this.#named.get(peer) ?? this.#wildcard.get(peer)
  }

  #keep(record: KnownPeer): void {
    this.#drop(record.peer)
    if (!record.wildcard) {
      this.#named.set(record.peer, record)
      return
    }
    this.#wildcard.set(record.peer, record)
    if (this.#wildcard.size <= this.#maxWildcardPeers) return
    const [leastRecent] = this.#wildcard.keys()
    if (leastRecent !== undefined) this.#wildcard.delete(leastRecent)
  }

  #drop(peer: string): void {
    this.#named.delete(peer)
    this.#wildcard.delete(peer)
  }

  #forgetAll(): void {
    this.#named.clear()
    this.#wildcard.clear()
  }

  #locked<T>(work: () => Promise<T>): Promise<T> {
    return this.#log === undefined ? work() : this.#log.locked(work)
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = this.#turn.then(work)
    this.#turn = turn.catch(() => undefined)
    return turn
  }
}
