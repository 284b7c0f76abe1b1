/** One mix key in memory, with its replay filter and log once it accepts packets. */
import { AivError } from '../../core/index.ts'
import { erase } from '../../crypto/index.ts'
import { ReplayFilter, ReplayLog, readReplayLog } from '../replay/index.ts'
import type { StoredMixKey } from './key-file.ts'
import type { KeyFolder } from './key-folder.ts'
import type { MixKeyRingOptions } from './ring-types.ts'

/** Why a key was given up before its time. */
export type LossReason =
  | 'unreadable'
  | 'replay_log_missing'
  | 'replay_log_damaged'
  | 'replay_filter_too_small'
  | 'replay_tags_lost'
  | 'replay_log_failed'

const LOSS = {
  missing: 'replay_log_missing',
  damaged: 'replay_log_damaged',
  overfull: 'replay_filter_too_small',
} as const

/** A key that packets may be opened with. */
export interface AcceptingKey {
  readonly epoch: number
  /** 32 bytes. */
  readonly publicKey: Uint8Array
  readonly filter: ReplayFilter
  /** A copy of the 32 private bytes, for a worker; whoever asks erases it. */
  exportPrivate(): Uint8Array
}

export class LiveKey implements AcceptingKey {
  readonly name: string
  readonly #stored: StoredMixKey
  #open: { readonly filter: ReplayFilter; readonly log: ReplayLog } | undefined

  constructor(name: string, stored: StoredMixKey) {
    this.name = name
    this.#stored = stored
  }

  get epoch(): number {
    return this.#stored.epoch
  }

  get publicKey(): Uint8Array {
    return this.#stored.key.publicKey
  }

  get isOpen(): boolean {
    return this.#open !== undefined
  }

  get log(): ReplayLog | undefined {
    return this.#open?.log
  }

  /** Only of a key that is open. */
  get filter(): ReplayFilter {
    if (this.#open === undefined) throw new RangeError('the mix key is not open')
    return this.#open.filter
  }

  exportPrivate(): Uint8Array {
    return this.#stored.key.exportPrivate()
  }

  /**
   * Makes the filter, with what the log holds.
   * @returns why the key must be given up, if so
   * @throws AivError `E_IO` when the log is there and cannot be read
   */
  async open(folder: KeyFolder, options: MixKeyRingOptions): Promise<LossReason | undefined> {
    const secret = this.#stored.filterSecret.slice()
    const filter = new ReplayFilter({ ...options.filter, workers: options.workers, secret })
    const path = folder.logPath(this.name)
    try {
      const verdict = await readReplayLog(path, this, (low, high) => filter.restore(low, high))
      if (verdict.state === 'lost') return LOSS[verdict.why]
      this.#open = {
        filter,
        log: new ReplayLog(path, this, filter, verdict.end, { ...options.log, clock: options.clock }),
      }
      return undefined
    } catch (cause) {
      throw new AivError('E_IO', `cannot open the replay log ${path}`, { cause })
    }
  }

  /** Stops accepting packets, and makes durable what was accepted. */
  async close(): Promise<void> {
    await this.#open?.log.close()
  }

  /** Overwrites what this object holds of the key. */
  erase(): void {
    this.#stored.key.erase()
    erase(this.#stored.filterSecret)
    if (this.#open !== undefined) erase(this.#open.filter.share().options.secret)
    this.#open = undefined
  }
}
