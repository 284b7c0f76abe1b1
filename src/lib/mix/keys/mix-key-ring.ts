/**
 * The mix keys of a node by epoch: some made ahead, those of the present accepted, those of the past destroyed.
 *
 * A key, its replay filter and its log are one thing. They are made together, a key without all of its tags is never used,
 * and no filter is emptied while its key lives. So whatever the clock does, however the process ends, a packet is let
 * through at most once; a wrong clock costs keys, and with them packets, and nothing else.
 */
import { AivError, isAivError } from '../../core/index.ts'
import { x25519 } from '../../crypto/index.ts'
import { DEFAULT_EPOCH_LENGTH_S } from '../directory/index.ts'
import { carriedRate, FILTER_SECRET_BYTES, layOutFilter } from '../replay/index.ts'
import {
  CLOCK_JUMP_MS,
  DEFAULT_OVERLAP_MS,
  KEYS_AHEAD,
  LEAST_EPOCH_LENGTH_S,
  MOST_EPOCH_LENGTH_S,
  MOST_KEYS,
} from './constants.ts'
import { type EpochSchedule, epochWindow, untilNextWindow } from './epochs.ts'
import { KeyFolder } from './key-folder.ts'
import { type AcceptingKey, LiveKey, type LossReason } from './live-key.ts'
import type { KeyRingChange, LostKey, MixKeyRingOptions, ReplayCapacity } from './ring-types.ts'

export class MixKeyRing {
  readonly #options: MixKeyRingOptions
  readonly #schedule: EpochSchedule
  readonly #folder: KeyFolder
  readonly #keys = new Map<number, LiveKey>()
  /** Given up since the last look. */
  #lost: LostKey[] = []
  #accepting: readonly LiveKey[] = []
  #published = ''
  #lookedAt: { readonly nowMs: number; readonly wallMs: number } | undefined
  #turn: Promise<unknown> = Promise.resolve()
  #isClosed = false

  private constructor(options: MixKeyRingOptions, schedule: EpochSchedule, folder: KeyFolder) {
    this.#options = options
    this.#schedule = schedule
    this.#folder = folder
  }

  /**
   * Takes up the keys of a folder, and gives up those whose newest tags may be lost; `advance` tells which.
   * @throws AivError `E_USAGE`, `E_STORE_BUSY`, `E_IO`
   */
  static async open(options: MixKeyRingOptions): Promise<MixKeyRing> {
    const schedule = checkedSchedule(options)
    layOutFilter({ ...options.filter, workers: options.workers })
    const folder = KeyFolder.open(options.folder)
    try {
      const ring = new MixKeyRing(options, schedule, folder)
      await ring.#load()
      return ring
    } catch (error) {
      folder.close()
      throw error
    }
  }

  /** Keys that packets are opened with: of the present epoch, the one before, the next, in the order in which to try them. */
  get accepting(): readonly AcceptingKey[] {
    return this.#accepting
  }

  /** Keys for the descriptor, by ascending epoch: the present one and those made ahead. */
  get published(): readonly { readonly epoch: number; readonly publicKey: Uint8Array }[] {
    const { current } = epochWindow(this.#options.clock.wallMs(), this.#schedule)
    return [...this.#keys.values()]
      .filter(({ epoch }) => epoch >= current && epoch <= current + KEYS_AHEAD)
      .sort((a, b) => a.epoch - b.epoch)
      .map(({ epoch, publicKey }) => ({ epoch, publicKey }))
  }

  get capacity(): ReplayCapacity {
    const { capacity, totalBytes } = layOutFilter({ ...this.#options.filter, workers: this.#options.workers })
    const epochMs = this.#schedule.epochLengthS * 1000
    return { bytes: totalBytes, tags: capacity, packetsPerSecond: carriedRate(capacity, epochMs) }
  }

  /** Milliseconds until `advance` has something to do, if the clock does not jump: look once a second or so as well. */
  untilNextChange(): number {
    return untilNextWindow(this.#options.clock.wallMs(), this.#schedule)
  }

  /**
   * Makes, opens and destroys keys as the clock says. Those that are destroyed accept nothing from the moment on when
   * this is called, whatever the workers still hold.
   * @throws AivError `E_IO` when the folder cannot be written to
   */
  advance(): Promise<KeyRingChange> {
    const turn = this.#turn.then(() => this.#advance())
    this.#turn = turn.catch(() => undefined)
    return turn
  }

  /**
   * Has waiting tags written. To be called after insertions, once for many of them.
   * @param nowMs the monotonic clock
   */
  poke(nowMs: number): void {
    for (const { log } of this.#keys.values()) log?.poke(nowMs)
  }

  /** Whether a packet may go: its tag is on the disk, or its key is gone and the packet can never be opened again. */
  isDurable(epoch: number, worker: number, ticket: number): boolean {
    const key = this.#keys.get(epoch)
    return key === undefined || (key.isOpen && key.filter.isDurable(worker, ticket))
  }

  /** Resolves when all tags that were entered before the call are durable. */
  async commit(): Promise<void> {
    await Promise.all([...this.#keys.values()].map(({ log }) => log?.commit()))
  }

  /** A clean stop: nothing is accepted any more, and the next start finds every tag. */
  async close(): Promise<void> {
    this.#isClosed = true
    await this.#turn
    try {
      for (const key of this.#keys.values()) await key.close()
      // A log that failed at the very end leaves its note, so that its key is looked at as after a crash.
      const failed = [...this.#keys.values()].filter(({ log }) => log?.failure !== undefined)
      await this.#noteInUse(failed)
    } finally {
      for (const key of this.#keys.values()) key.erase()
      this.#accepting = []
      this.#folder.close()
    }
  }

  async #load(): Promise<void> {
    const before = await this.#folder.inUse()
    const isSameRun = before.bootId !== '' && before.bootId === this.#options.bootId
    for (const name of this.#folder.list()) {
      const epoch = Number.parseInt(name, 10)
      const mayLackTags = before.durability === 'process' && !isSameRun && before.names.includes(name)
      const why = mayLackTags ? 'replay_tags_lost' : await this.#loadKey(name)
      if (why !== undefined) {
        this.#folder.destroy(name)
        this.#lost.push({ epoch, why })
      }
    }
  }

  async #loadKey(name: string): Promise<LossReason | undefined> {
    try {
      const key = new LiveKey(name, await this.#folder.load(name))
      // Two keys of an epoch: only one can have been published last, and nobody knows which.
      if (this.#keys.has(key.epoch)) return 'unreadable'
      this.#keys.set(key.epoch, key)
      return undefined
    } catch (error) {
      if (isAivError(error, 'E_MALFORMED') || isAivError(error, 'E_TOO_LARGE')) return 'unreadable'
      throw error
    }
  }

  async #advance(): Promise<KeyRingChange> {
    if (this.#isClosed) throw new AivError('E_STORE_CLOSED', 'the mix keys are closed')
    const { clock } = this.#options
    const [nowMs, wallMs] = [clock.now(), clock.wallMs()]
    const window = epochWindow(wallMs, this.#schedule)
    const clockJumpMs = this.#jump(nowMs, wallMs)
    for (const key of [...this.#keys.values()]) {
      const { epoch, log } = key
      if (epoch < window.first) await this.#destroy(key)
      else if (log?.failure !== undefined) await this.#lose(key, 'replay_log_failed')
    }
    for (let epoch = window.first; epoch <= window.last; epoch++) {
      const key = this.#keys.get(epoch)
      if (key !== undefined && !key.isOpen) await this.#openKey(key)
    }
    for (let epoch = window.current; epoch <= window.current + KEYS_AHEAD; epoch++)
      if (!this.#keys.has(epoch)) await this.#make(epoch, epoch <= window.last)
    await this.#dropFarthest()
    const order = [window.current, window.first, window.last]
    const accepting = [...new Set(order)].flatMap((epoch) => this.#keys.get(epoch) ?? [])
    return this.#report(accepting, clockJumpMs)
  }

  async #report(accepting: readonly LiveKey[], clockJumpMs: number): Promise<KeyRingChange> {
    const lost = this.#lost
    this.#lost = []
    const names = (keys: readonly LiveKey[]): string => keys.map(({ name }) => name).join()
    const acceptingChanged = names(accepting) !== names(this.#accepting)
    this.#accepting = accepting
    const published = this.published.map(({ publicKey }) => publicKey.join()).join(';')
    const publishedChanged = published !== this.#published
    this.#published = published
    return { accepting: acceptingChanged, published: publishedChanged, lost, clockJumpMs }
  }

  /**
   * Keys for a time far ahead stay, because it may be now that the clock is wrong: some machines start in 1970. But a
   * clock that jumps about must not fill the disk.
   */
  async #dropFarthest(): Promise<void> {
    const byEpoch = [...this.#keys.values()].sort((a, b) => a.epoch - b.epoch)
    for (const key of byEpoch.slice(MOST_KEYS)) await this.#destroy(key)
  }

  #jump(nowMs: number, wallMs: number): number {
    const before = this.#lookedAt
    this.#lookedAt = { nowMs, wallMs }
    if (before === undefined) return 0
    const jumpMs = wallMs - before.wallMs - (nowMs - before.nowMs)
    return Math.abs(jumpMs) > CLOCK_JUMP_MS ? jumpMs : 0
  }

  async #make(epoch: number, opens: boolean): Promise<void> {
    const { random } = this.#options
    const stored = { epoch, key: x25519.generate(random), filterSecret: random.bytes(FILTER_SECRET_BYTES) }
    const key = new LiveKey(await this.#folder.create(stored, random), stored)
    this.#keys.set(epoch, key)
    if (opens) await this.#openKey(key)
  }

  async #openKey(key: LiveKey): Promise<void> {
    await this.#noteInUse([...this.#keys.values()].filter((other) => other.isOpen || other === key))
    const why = await key.open(this.#folder, this.#options)
    if (why !== undefined) await this.#lose(key, why)
  }

  async #lose(key: LiveKey, why: LossReason): Promise<void> {
    await this.#destroy(key)
    this.#lost.push({ epoch: key.epoch, why })
  }

  async #destroy(key: LiveKey): Promise<void> {
    await key.close()
    this.#folder.destroy(key.name)
    this.#keys.delete(key.epoch)
    key.erase()
  }

  async #noteInUse(keys: readonly LiveKey[]): Promise<void> {
    const { bootId = '', log } = this.#options
    const names = keys.map(({ name }) => name)
    await this.#folder.setInUse({ bootId, durability: log?.durability ?? 'power', names })
  }
}

function checkedSchedule({
  epochLengthS = DEFAULT_EPOCH_LENGTH_S,
  overlapMs,
}: MixKeyRingOptions): EpochSchedule {
  const isLength = Number.isSafeInteger(epochLengthS)
  if (!isLength || epochLengthS < LEAST_EPOCH_LENGTH_S || epochLengthS > MOST_EPOCH_LENGTH_S)
    throw new AivError('E_USAGE', 'a key epoch is from one second to 366 days long')
  const mostMs = epochLengthS * 500
  const overlap = overlapMs ?? Math.min(DEFAULT_OVERLAP_MS, mostMs)
  if (!(overlap >= 0 && overlap <= mostMs))
    throw new AivError('E_USAGE', 'a mix key is accepted for half an epoch before and after its own at most')
  return { epochLengthS, overlapMs: overlap }
}
