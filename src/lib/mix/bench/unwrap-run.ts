/**
 * One run through a node with its workers: every packet is opened, its MAC verified, its tag entered in the replay filter,
 * delayed and re-emitted. A run whose counts do not add up is no result.
 */
import { AivError, type TimerClock } from '../../core/index.ts'
import { systemRandom } from '../../crypto/index.ts'
import { unaccounted } from '../node/counters.ts'
import { MixNode } from '../node/mix-node.ts'
import { RouteTable } from '../node/route-table.ts'
import { FILTER_SECRET_BYTES, ReplayFilter } from '../replay/index.ts'
import { FILTER_BYTES, MAX_DWELL_US, RUN_LIMIT_MS } from './constants.ts'
import type { MeasuredNode } from './packets.ts'

const SENDER_DELAY = { mode: 'sender', meanUs: 0, betaE: new Uint8Array(0) } as const
const EPOCH = 1

export interface UnwrapRun {
  readonly packetsPerSecond: number
  readonly packets: number
}

export class UnwrapBench {
  readonly #clock: TimerClock
  readonly #target: MeasuredNode
  readonly #packets: readonly Uint8Array[]
  readonly #workers: number
  #emitted = 0
  #fed: number
  #node: MixNode | undefined
  #done: PromiseWithResolvers<void> | undefined

  /** @param packets all different, for the measured node */
  constructor(clock: TimerClock, target: MeasuredNode, packets: readonly Uint8Array[], workers: number) {
    this.#clock = clock
    this.#target = target
    this.#packets = packets
    this.#workers = workers
    this.#fed = packets.length
  }

  async start(): Promise<void> {
    this.#node = await MixNode.start({
      geometry: this.#target.bench.geometry,
      workers: this.#workers,
      isProvider: false,
      routes: new RouteTable([this.#target.nextId]),
      sink: { forward: (_, packet) => this.#emit(packet), deliver: () => false, reply: () => false },
      limits: { maxDelayUs: 1_000_000, maxDwellUs: MAX_DWELL_US },
      clock: this.#clock,
      onTurn: () => this.#feed(),
    })
  }

  /** @throws AivError `E_INTERNAL` when a packet is not accounted for, was dropped, or did not come out in time */
  async run(): Promise<UnwrapRun> {
    const node = this.#node as MixNode
    // The filter of a new key: the same packets are new to it.
    const filter = new ReplayFilter({
      bytes: FILTER_BYTES,
      workers: this.#workers,
      journalTags: 0,
      secret: systemRandom.bytes(FILTER_SECRET_BYTES),
    })
    // The node erases what it was given.
    const privateKey = this.#target.privateKey.slice()
    await node.setKeys([{ epoch: EPOCH, privateKey, filter, delay: SENDER_DELAY }])
    const before = node.counts
    this.#emitted = 0
    this.#fed = 0
    this.#done = Promise.withResolvers()
    const beganMs = this.#clock.now()
    this.#feed()
    const cancel = this.#clock.schedule(RUN_LIMIT_MS, () => this.#done?.reject(notAllCameOut()))
    await this.#done.promise.finally(cancel)
    const ms = this.#clock.now() - beganMs
    const packets = this.#packets.length
    const { forwarded } = node.counts
    if (
      unaccounted(node.counts) !== 0 ||
      forwarded - before.forwarded !== packets ||
      filter.count !== packets
    )
      throw notAllCameOut()
    return { packetsPerSecond: (packets * 1_000) / ms, packets }
  }

  async stop(): Promise<void> {
    await this.#node?.stop()
  }

  #feed(): void {
    const node = this.#node
    if (node === undefined || this.#fed === this.#packets.length) return
    const end = Math.min(this.#packets.length, this.#fed + node.room)
    if (end === this.#fed) return
    for (; this.#fed < end; this.#fed++) node.receive(this.#packets[this.#fed] as Uint8Array)
    node.flush()
  }

  #emit(packet: Uint8Array): boolean {
    const isWhole = packet.length === this.#target.bench.geometry.packetBytes
    if (!isWhole || packet[0] !== 0 || packet[1] !== 0) return false
    this.#emitted++
    if (this.#emitted === this.#packets.length) this.#done?.resolve()
    return true
  }
}

function notAllCameOut(): AivError {
  return new AivError('E_INTERNAL', 'the packets that came out are not those that went in')
}
