/** The embedded store: reads on this thread, writes gathered into groups for the writer thread. */
import { AivError } from '../../core/index.ts'
import { MAX_GROUP_BATCHES, MAX_GROUP_BYTES, MAX_WAITING_CALLS } from '../constants.ts'
import { boundsOf, checkBatch, checkKey } from '../range.ts'
import type {
  BatchConditions,
  KeyRange,
  ScanOptions,
  Store,
  StoreEntry,
  StoreOp,
  VerifyReport,
} from '../store.ts'
import { type CheckedBatch, encodeGroup } from './group-codec.ts'
import { errorFromMessage, type OutcomeMessage, type WriterRequest } from './protocol.ts'
import { type SqliteReader, scanPages } from './reader.ts'
import { StorageThread } from './thread.ts'

interface Settle<T> {
  readonly resolve: (value: T) => void
  readonly reject: (error: unknown) => void
}

type QueuedCall =
  | ({ readonly batch: CheckedBatch } & Settle<boolean>)
  | ({ readonly request: WriterRequest } & Settle<unknown>)

type QueuedBatch = Extract<QueuedCall, { batch: CheckedBatch }>

export interface SqliteStoreParts {
  readonly path: string
  readonly name: string
  readonly reader: SqliteReader
  readonly writer: StorageThread
}

export class SqliteStore implements Store {
  readonly #path: string
  readonly #name: string
  readonly #reader: SqliteReader
  readonly #writer: StorageThread
  #queue: QueuedCall[] = []
  #head = 0
  #pumping = false
  #closing: Promise<void> | undefined

  constructor(parts: SqliteStoreParts) {
    this.#path = parts.path
    this.#name = parts.name
    this.#reader = parts.reader
    this.#writer = parts.writer
  }

  async get(key: Uint8Array): Promise<Uint8Array | undefined> {
    this.#checkOpen()
    checkKey(key)
    return this.#reader.get(key)
  }

  async has(key: Uint8Array): Promise<boolean> {
    this.#checkOpen()
    checkKey(key)
    return this.#reader.has(key)
  }

  async batch(ops: readonly StoreOp[], conditions: BatchConditions = {}): Promise<boolean> {
    this.#checkOpen()
    this.#checkRoom()
    const batch = { ops, conditions, bytes: checkBatch(ops, conditions) }
    return new Promise((resolve, reject) => this.#enqueue({ batch, resolve, reject }))
  }

  scan(options: ScanOptions = {}): AsyncGenerator<StoreEntry> {
    return scanPages(this.#reader, options, () => this.#checkOpen())
  }

  async count(range: KeyRange = {}): Promise<number> {
    this.#checkOpen()
    return this.#reader.count(boundsOf(range))
  }

  async deleteRange(range: KeyRange): Promise<number> {
    return Number(await this.#call({ kind: 'deleteRange', bounds: boundsOf(range) }))
  }

  async compact(): Promise<void> {
    await this.#call({ kind: 'compact' })
  }

  async verify(signal?: AbortSignal): Promise<VerifyReport> {
    this.#checkOpen()
    const { value } = await StorageThread.start(
      { role: 'verifier', path: this.#path, name: this.#name },
      signal,
    )
    return value as VerifyReport
  }

  close(): Promise<void> {
    this.#closing ??= this.#shutDown()
    return this.#closing
  }

  async #shutDown(): Promise<void> {
    // First, because only a connection that may write can fold the log into the file when it is the last to go.
    this.#reader.close()
    // A writer that has failed cannot close in order; what it acknowledged is on the disk all the same.
    await this.#send({ kind: 'close' }).catch(() => undefined)
    await this.#writer.end()
  }

  async #call(request: WriterRequest): Promise<unknown> {
    this.#checkOpen()
    this.#checkRoom()
    return this.#send(request)
  }

  #send(request: WriterRequest): Promise<unknown> {
    return new Promise((resolve, reject) => this.#enqueue({ request, resolve, reject }))
  }

  #enqueue(call: QueuedCall): void {
    this.#queue.push(call)
    if (!this.#pumping) void this.#pump()
  }

  /**
   * One request in flight at a time: whatever arrives while the writer syncs becomes the next group. The group
   * thus grows with the load, and a lone write never waits for company.
   */
  async #pump(): Promise<void> {
    this.#pumping = true
    // The callers of this turn join the same group.
    await Promise.resolve()
    while (this.#head < this.#queue.length) {
      const first = this.#queue[this.#head] as QueuedCall
      if ('batch' in first) await this.#commit(this.#takeGroup())
      else {
        this.#head++
        await this.#writer.request(first.request).then(first.resolve, first.reject)
      }
      this.#dropTaken()
    }
    this.#pumping = false
  }

  #takeGroup(): QueuedBatch[] {
    const group: QueuedBatch[] = []
    let bytes = 0
    while (this.#head < this.#queue.length && group.length < MAX_GROUP_BATCHES) {
      const call = this.#queue[this.#head] as QueuedCall
      if (!('batch' in call)) break
      if (group.length > 0 && bytes + call.batch.bytes > MAX_GROUP_BYTES) break
      bytes += call.batch.bytes
      group.push(call)
      this.#head++
    }
    return group
  }

  async #commit(group: readonly QueuedBatch[]): Promise<void> {
    try {
      const request = { kind: 'group', group: encodeGroup(group.map((call) => call.batch)) } as const
      const outcomes = (await this.#writer.request(request)) as OutcomeMessage[]
      group.forEach((call, index) => {
        const outcome = outcomes[index] as OutcomeMessage
        if (typeof outcome === 'boolean') call.resolve(outcome)
        else call.reject(errorFromMessage(outcome))
      })
    } catch (error) {
      for (const call of group) call.reject(error)
    }
  }

  /** Shifting an array one by one would cost its length each time. */
  #dropTaken(): void {
    if (this.#head < 4096 && this.#head < this.#queue.length) return
    this.#queue = this.#queue.slice(this.#head)
    this.#head = 0
  }

  #checkRoom(): void {
    if (this.#queue.length - this.#head >= MAX_WAITING_CALLS)
      throw new AivError('E_STORE_BUSY', 'too many writes wait for the store')
  }

  #checkOpen(): void {
    if (this.#closing !== undefined) throw new AivError('E_STORE_CLOSED', 'the store is closed')
  }
}
