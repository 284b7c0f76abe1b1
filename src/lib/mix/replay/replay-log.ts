/**
 * The replay log of one mix key: tags become durable here, many at a time, before their packets are forwarded.
 *
 * Nothing waits for it packet by packet. Workers append to journals in shared memory; a commit writes what lies there,
 * waits for the disk and moves the durable positions on, which the router compares when a packet falls due.
 */
import { closeSync, fdatasync, fdatasyncSync, ftruncateSync, openSync, writeSync } from 'node:fs'
import { promisify } from 'node:util'
import { AivError, type TimerClock } from '../../core/index.ts'
import { DEFAULT_COMMIT_EVERY_MS, MOST_BLOCK_TAGS } from './constants.ts'
import { JournalReader } from './journal-reader.ts'
import {
  blockBody,
  encodeLogHeader,
  LOG_HEADER_BYTES,
  MOST_BLOCK_BYTES,
  type ReplayLogKey,
  sealBlock,
} from './log-format.ts'
import type { ReplayFilter } from './replay-filter.ts'

const synced = promisify(fdatasync)

/**
 * `power`: a tag counts as durable once the disk has it. `process`: once the kernel has it, which outlives the process
 * but not the machine; after a stop of the machine the keys that were in use must be given up.
 */
export type ReplayDurability = 'power' | 'process'

export interface ReplayLogOptions {
  readonly durability?: ReplayDurability | undefined
  /** Shortest time between the beginnings of two commits that wait for the disk, milliseconds; 5 unless given. */
  readonly commitEveryMs?: number | undefined
  /** Begins the commits that had to wait; without one they wait for the next poke. */
  readonly clock?: TimerClock | undefined
}

/**
 * Makes the empty log of a new key, durable but for its name: the caller syncs the folder.
 * @throws what the system says, also when the file is there
 */
export function createReplayLog(path: string, key: ReplayLogKey): void {
  const file = openSync(path, 'wx', 0o600)
  try {
    writeAll(file, encodeLogHeader(key), LOG_HEADER_BYTES, 0)
    fdatasyncSync(file)
  } finally {
    closeSync(file)
  }
}

export class ReplayLog {
  /** Why nothing more can become durable; the filter is closed then. */
  failure: AivError | undefined
  readonly #path: string
  readonly #file: number
  readonly #key: ReplayLogKey
  readonly #filter: ReplayFilter
  readonly #journals: JournalReader
  readonly #waitsForDisk: boolean
  readonly #everyMs: number
  readonly #clock: TimerClock | undefined
  #cancelTimer: (() => void) | undefined
  readonly #block = new Uint8Array(MOST_BLOCK_BYTES)
  #end: number
  #syncing: Promise<void> | undefined
  #isClosed = false
  #startedAt = Number.NEGATIVE_INFINITY

  /**
   * Goes on with a log that was made, or read back.
   * @param end where its last whole block ends; what stands behind it is cut off
   * @throws what the system says
   */
  constructor(
    path: string,
    key: ReplayLogKey,
    filter: ReplayFilter,
    end: number = LOG_HEADER_BYTES,
    { durability = 'power', commitEveryMs = DEFAULT_COMMIT_EVERY_MS, clock }: ReplayLogOptions = {},
  ) {
    this.#path = path
    this.#key = key
    this.#filter = filter
    this.#journals = new JournalReader(filter.share())
    this.#waitsForDisk = durability === 'power'
    this.#everyMs = commitEveryMs
    this.#clock = clock
    this.#end = end
    this.#file = openSync(path, 'r+')
    ftruncateSync(this.#file, end)
  }

  /**
   * Begins a commit, now or as soon as the pause since the last one is over. To be called after insertions, once for
   * many of them; does next to nothing when there were none.
   * @param nowMs the monotonic clock
   */
  poke(nowMs: number): void {
    // A commit under way looks again at its end.
    if (this.#syncing !== undefined || this.failure !== undefined || !this.#journals.hasMore()) return
    const waitMs = this.#waitsForDisk ? this.#startedAt + this.#everyMs - nowMs : 0
    if (waitMs > 0) {
      this.#pokeIn(waitMs)
      return
    }
    this.#startedAt = nowMs
    void this.#begin()
  }

  /** Resolves when every tag that was inserted before the call is durable, or the log has failed. */
  async commit(): Promise<void> {
    // The commit under way may have begun before the tags in question were there; one that follows it has not.
    await this.#syncing
    if (this.#syncing !== undefined) await this.#syncing
    else if (this.failure === undefined && this.#journals.hasMore()) await this.#begin()
  }

  /** Writes what is left, waits for the disk and lets go of the file. The filter takes nothing more. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    this.#cancelTimer?.()
    this.#filter.close()
    await this.commit()
    try {
      if (this.failure === undefined) fdatasyncSync(this.#file)
    } catch (error) {
      this.#fail(error)
    }
    closeSync(this.#file)
  }

  #begin(): Promise<void> | undefined {
    try {
      this.#writeBlocks()
      if (!this.#waitsForDisk) {
        this.#journals.settle()
        return undefined
      }
    } catch (error) {
      this.#fail(error)
      return undefined
    }
    this.#syncing = this.#sync()
    return this.#syncing
  }

  async #sync(): Promise<void> {
    try {
      await synced(this.#file)
      this.#journals.settle()
    } catch (error) {
      this.#fail(error)
    } finally {
      this.#syncing = undefined
    }
    if (this.#clock !== undefined && !this.#isClosed) this.poke(this.#clock.now())
  }

  /** Packets that are held longest come back to us only when they are due: their tags must be durable by then. */
  #pokeIn(waitMs: number): void {
    this.#cancelTimer ??= this.#clock?.schedule(waitMs, () => {
      this.#cancelTimer = undefined
      this.poke((this.#clock as TimerClock).now())
    })
  }

  /** One block at least, and as many as it takes until a block is not full. */
  #writeBlocks(): void {
    for (let count = MOST_BLOCK_TAGS; count === MOST_BLOCK_TAGS; ) {
      count = this.#journals.take(blockBody(this.#block))
      if (count === 0) return
      const length = sealBlock(this.#block, count, this.#key, this.#end)
      writeAll(this.#file, this.#block, length, this.#end)
      this.#end += length
    }
  }

  /** After a failed write or sync nobody knows what the disk holds: nothing of this key is let through any more. */
  #fail(cause: unknown): void {
    this.#filter.close()
    const isFull = cause instanceof Error && 'code' in cause && cause.code === 'ENOSPC'
    this.failure = new AivError(
      isFull ? 'E_STORE_FULL' : 'E_IO',
      `cannot write the replay log ${this.#path}; packets of epoch ${this.#key.epoch} are dropped`,
      {
        hint: isFull ? 'Make room on the disk and start again.' : 'Look at the disk and start again.',
        cause,
      },
    )
  }
}

function writeAll(file: number, bytes: Uint8Array, length: number, at: number): void {
  for (let written = 0; written < length; )
    written += writeSync(file, bytes, written, length - written, at + written)
}
