/** All workers of a node: gives them keys, replaces those that die, and calls when they have finished something. */
import type { TimerClock } from '../../../core/index.ts'
import { erase } from '../../../crypto/index.ts'
import type { ReplayFilter } from '../../replay/index.ts'
import { RESTART_DOUBLINGS, RESTART_LEAST_MS, RESTART_MOST_MS, RING_SLOTS } from '../constants.ts'
import type { MixNodeCore } from '../node-core.ts'
import { MixWorker } from './mix-worker.ts'
import type { EpochDelay, WorkerOrder, WorkerStart } from './protocol.ts'

/** What opens the packets of one key epoch. */
export interface NodeKey {
  readonly epoch: number
  /** 32 bytes. */
  readonly privateKey: Uint8Array
  readonly filter: ReplayFilter
  readonly delay: EpochDelay
}

export interface MixWorkersOptions extends Omit<WorkerStart, 'worker' | 'ring'> {
  readonly core: MixNodeCore
  readonly count: number
  readonly ringSlots?: number | undefined
  readonly clock: TimerClock
  /** Called when a worker has given packets back. */
  readonly onFinished: () => void
  /** A worker died; it is replaced. */
  readonly onDeath: (worker: number) => void
}

export class MixWorkers {
  readonly #options: MixWorkersOptions
  readonly #workers: (MixWorker | undefined)[]
  /** Deaths in a row: one that lived for long is none of them. */
  readonly #deaths: number[]
  readonly #startedAtMs: number[]
  readonly #restarts = new Set<() => void>()
  #keys: readonly NodeKey[] = []
  #isStopped = false

  private constructor(options: MixWorkersOptions) {
    this.#options = options
    this.#workers = Array.from({ length: options.count }, () => undefined)
    this.#deaths = Array.from({ length: options.count }, () => 0)
    this.#startedAtMs = Array.from({ length: options.count }, () => 0)
  }

  /** @throws AivError `E_INTERNAL` when a worker cannot be started */
  static async start(options: MixWorkersOptions): Promise<MixWorkers> {
    const workers = new MixWorkers(options)
    await Promise.all(workers.#workers.map((_, worker) => workers.#startWorker(worker)))
    return workers
  }

  /**
   * Packets of other keys are dropped from the moment on when this resolves.
   * @param keys in the order in which they are tried; their private parts are erased when the next ones come
   */
  async setKeys(keys: readonly NodeKey[]): Promise<void> {
    for (const { privateKey } of this.#keys) erase(privateKey)
    this.#keys = keys
    // One that dies meanwhile gets the keys with its replacement.
    await Promise.all(this.#workers.map((worker) => worker?.order(this.#keyOrder()).catch(() => {})))
  }

  /** Ends all threads; packets that they had stay in the rings. */
  async stop(): Promise<void> {
    this.#isStopped = true
    for (const cancel of this.#restarts) cancel()
    await Promise.all(this.#workers.map((worker) => worker?.stop()))
    for (const { privateKey } of this.#keys) erase(privateKey)
  }

  #keyOrder(): WorkerOrder {
    const keys = this.#keys.map(({ filter, ...key }) => ({ ...key, filter: filter.share() }))
    return { kind: 'keys', keys }
  }

  async #startWorker(worker: number): Promise<void> {
    const { slots, geometry, isProvider, core, ringSlots = RING_SLOTS } = this.#options
    const started = await MixWorker.start({ worker, slots, geometry, isProvider }, ringSlots)
    if (this.#isStopped) return started.stop()
    this.#workers[worker] = started
    this.#startedAtMs[worker] = this.#options.clock.now()
    await started.order(this.#keyOrder()).catch(() => {})
    core.attachLane(worker, started.ring)
    void started.exited.then(() => this.#onExit(worker))
    void this.#watch(started)
  }

  async #watch(worker: MixWorker): Promise<void> {
    while (!worker.isGone) {
      await worker.ring.whenFinished()
      this.#options.onFinished()
    }
  }

  #onExit(worker: number): void {
    this.#workers[worker] = undefined
    if (this.#isStopped) return
    const { core, clock, onDeath } = this.#options
    core.loseLane(worker, clock.now() * 1_000)
    // It may have held a lock of a filter that all workers share.
    for (const { filter } of this.#keys) filter.releaseLocksOf(worker)
    onDeath(worker)
    const livedMs = clock.now() - (this.#startedAtMs[worker] as number)
    const deaths = livedMs > RESTART_MOST_MS ? 1 : (this.#deaths[worker] as number) + 1
    this.#deaths[worker] = deaths
    const delayMs = Math.min(RESTART_MOST_MS, RESTART_LEAST_MS * 2 ** Math.min(deaths - 1, RESTART_DOUBLINGS))
    const cancel = clock.schedule(delayMs, () => {
      this.#restarts.delete(cancel)
      this.#startWorker(worker).catch(() => this.#onExit(worker))
    })
    this.#restarts.add(cancel)
  }
}
