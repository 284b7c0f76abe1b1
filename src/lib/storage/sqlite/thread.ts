/**
 * The store's end of a storage thread: requests out, replies in order, and what happens when the thread dies. A thread is
 * never terminated: within a call of node:sqlite, or of the message port, that can end the whole process.
 */
import { Worker } from 'node:worker_threads'
import { AivError } from '../../core/index.ts'
import { checkNotAborted } from '../abort.ts'
import {
  errorFromMessage,
  type WorkerData,
  type WorkerReply,
  type WorkerStart,
  type WriterRequest,
} from './protocol.ts'

interface Waiting {
  readonly resolve: (value: unknown) => void
  readonly reject: (error: AivError) => void
}

/** Runs from the sources (Node strips types) as well as compiled; the suffix of this module says which. */
const WORKER_URL = new URL(
  import.meta.url.endsWith('.ts') ? './thread-entry.ts' : './thread-entry.js',
  import.meta.url,
)

export interface Started {
  readonly thread: StorageThread
  /** The answer to the start itself. */
  readonly value: unknown
}

export class StorageThread {
  readonly #worker: Worker
  readonly #waiting: Waiting[] = []
  readonly #exited: Promise<void>
  /** Another thread looks at it between two pieces of work: 1 = give up. */
  readonly #stop: Int32Array
  #failure: AivError | undefined

  private constructor(start: WorkerStart) {
    const stop = new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT)
    this.#stop = new Int32Array(stop)
    this.#worker = new Worker(WORKER_URL, {
      workerData: { start, stop } satisfies WorkerData,
      // Flags of the parent process, such as a test runner's loaders, are not for this thread; early releases of
      // Node 24 remark on every use of their SQLite.
      execArgv: ['--disable-warning=ExperimentalWarning'],
    })
    this.#worker.on('message', (reply: WorkerReply) => this.#onReply(reply))
    this.#worker.on('error', (cause) =>
      this.#die(new AivError('E_STORE', 'the storage thread failed', { cause })),
    )
    this.#exited = new Promise((resolve) => {
      this.#worker.on('exit', () => {
        this.#die(new AivError('E_STORE_CLOSED', 'the store is closed'))
        resolve()
      })
    })
  }

  /**
   * Starts a thread and waits for its first answer.
   * @throws AivError as the thread reports it, `E_ABORTED`
   */
  static async start(start: WorkerStart, signal?: AbortSignal): Promise<Started> {
    checkNotAborted(signal)
    const thread = new StorageThread(start)
    const aborted = Promise.withResolvers<never>()
    const abort = (): void => {
      void thread.end()
      aborted.reject(new AivError('E_ABORTED', 'given up'))
    }
    signal?.addEventListener('abort', abort, { once: true })
    try {
      return { thread, value: await Promise.race([thread.#expectReply(), aborted.promise]) }
    } catch (error) {
      checkNotAborted(signal)
      throw error
    } finally {
      signal?.removeEventListener('abort', abort)
    }
  }

  /** Why the thread will not write again, if so. */
  get failure(): AivError | undefined {
    return this.#failure
  }

  /** @throws AivError what the thread reports, `E_STORE` or `E_STORE_CLOSED` when it is gone */
  request(request: WriterRequest): Promise<unknown> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure)
    const reply = this.#expectReply()
    const transfer = 'group' in request ? [request.group.buffer as ArrayBuffer] : []
    this.#worker.postMessage(request, transfer)
    return reply
  }

  /** Asks the thread to end and waits until it has: behind what it was asked before, or soon when it walks a file. */
  async end(): Promise<void> {
    Atomics.store(this.#stop, 0, 1)
    this.#worker.ref()
    this.#worker.postMessage({ kind: 'close' } satisfies WriterRequest)
    await this.#exited
  }

  #expectReply(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      // An idle store does not keep the process alive; a write in flight does.
      if (this.#waiting.length === 0) this.#worker.ref()
      this.#waiting.push({ resolve, reject })
    })
  }

  #onReply(reply: WorkerReply): void {
    const waiting = this.#waiting.shift()
    if (this.#waiting.length === 0) this.#worker.unref()
    if (reply.kind === 'done') {
      waiting?.resolve(reply.value)
      return
    }
    const error = errorFromMessage(reply.error)
    if (reply.fatal) this.#failure = error
    waiting?.reject(error)
  }

  #die(error: AivError): void {
    this.#failure ??= error
    for (const waiting of this.#waiting.splice(0)) waiting.reject(error)
  }
}
