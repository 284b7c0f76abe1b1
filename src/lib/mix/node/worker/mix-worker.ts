/** The node's end of a worker thread: orders out, replies in the same order, and its death. */
import { Worker } from 'node:worker_threads'
import { AivError } from '../../../core/index.ts'
import { allocateRing, type RingMemory, RingProducer } from '../memory/work-ring.ts'
import type { WorkerOrder, WorkerStart } from './protocol.ts'

/** Runs from the sources (Node strips types) as well as compiled; the suffix of this module says which. */
const ENTRY = new URL(
  import.meta.url.endsWith('.ts') ? './thread-entry.ts' : './thread-entry.js',
  import.meta.url,
)

export class MixWorker {
  readonly ring: RingProducer
  /** Resolves when the thread is gone, whatever the reason. */
  readonly exited: Promise<void>
  #isGone = false
  readonly #thread: Worker
  readonly #waiting: PromiseWithResolvers<void>[] = []

  private constructor(start: WorkerStart) {
    this.ring = new RingProducer(start.ring)
    this.#thread = new Worker(ENTRY, { workerData: start, execArgv: [] })
    this.#thread.on('message', () => this.#waiting.shift()?.resolve())
    // What ended it comes with the error; that it ended comes after, with `exit`.
    this.#thread.on('error', (cause) => this.#fail(cause))
    this.exited = new Promise((resolve) => {
      this.#thread.once('exit', () => {
        this.#isGone = true
        this.#fail()
        this.ring.ring()
        resolve()
      })
    })
  }

  /** @throws AivError `E_INTERNAL` when the thread dies before it is ready */
  static async start(options: Omit<WorkerStart, 'ring'>, ringSlots: number): Promise<MixWorker> {
    const ring: RingMemory = allocateRing(ringSlots)
    const worker = new MixWorker({ ...options, ring })
    await worker.#reply()
    return worker
  }

  get isGone(): boolean {
    return this.#isGone
  }

  /**
   * Resolves when the worker has done it.
   * @throws AivError `E_INTERNAL` when the worker is gone before that
   */
  order(order: WorkerOrder): Promise<void> {
    if (this.#isGone) return Promise.reject(workerGone())
    const reply = this.#reply()
    this.#thread.postMessage(order)
    this.ring.order()
    return reply
  }

  /** Lets it finish its batch and end. A thread is not terminated from outside: within a native call that could end the process. */
  async stop(): Promise<void> {
    await this.order({ kind: 'stop' }).catch(() => {})
    await this.exited
  }

  #reply(): Promise<void> {
    const waiting = Promise.withResolvers<void>()
    this.#waiting.push(waiting)
    return waiting.promise
  }

  #fail(cause?: unknown): void {
    for (const { reject } of this.#waiting.splice(0)) reject(workerGone(cause))
  }
}

function workerGone(cause?: unknown): AivError {
  return new AivError('E_INTERNAL', 'a worker of the node ended', cause === undefined ? {} : { cause })
}
