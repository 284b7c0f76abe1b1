/**
 * Packets through a chain of processes over links of the loopback: a client, three mixes, and the provider at which they end.
 * All are nodes as operators run them: replay tags are on the disk before a packet goes on.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Sample } from '../../../bench/index.ts'
import { AivError, concat, type TimerClock, u32, utf8 } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import {
  createPacket,
  type Geometry,
  geometryHash,
  makeGeometry,
  type PathHop,
} from '../../../sphinx/index.ts'
import { DEFAULT_MEAN_DELAY_US, sampleDelayMs } from '../../delay/index.ts'
import {
  byId,
  checkedDirectory,
  directoryJson,
  epochAt,
  type MixDirectory,
  mixKeyOf,
  parseDescriptor,
  type SignedDescriptor,
} from '../../directory/index.ts'
import { dialPackets } from '../../link/endpoints.ts'
import type { PacketPipe } from '../../link/packet-pipe.ts'
import {
  CHAIN_WINDOW,
  DELAY_MS,
  EPOCH_LENGTH_S,
  LATENCY_EVERY_MS,
  MIXES,
  RUN_LIMIT_MS,
} from '../constants.ts'
import { ChainProcess } from './chain-process.ts'

const RECIPIENT_BYTES = 32
const RANDOM_BYTES = 32
const SERIAL_BYTES = 4

export class ChainBench {
  readonly #clock: TimerClock
  readonly #geometry: Geometry = makeGeometry({ hops: MIXES + 1 })
  readonly #processes: ChainProcess[] = []
  readonly #path: { readonly id: Uint8Array; readonly publicKey: Uint8Array }[] = []
  #folder = ''
  #pipe: PacketPipe | undefined
  #nextSerial = 0

  constructor(clock: TimerClock) {
    this.#clock = clock
  }

  /** @param scheme `tcp` or `htx+tcp` */
  async start(scheme: string): Promise<void> {
    const geometry = this.#geometry
    this.#folder = await mkdtemp(join(tmpdir(), 'aiv-mix-chain-'))
    const descriptors: SignedDescriptor[] = []
    for (let hop = 0; hop <= MIXES; hop++) {
      const child = new ChainProcess()
      this.#processes.push(child)
      const folder = join(this.#folder, `${hop}`)
      const isReceiver = hop === MIXES
      const { descriptor } = await child.ask(
        { kind: 'start', geometry, scheme, folder, isReceiver },
        'started',
      )
      descriptors.push(parseDescriptor(utf8(descriptor)))
    }
    const directory = directoryOf(geometry, descriptors, this.#clock)
    const text = directoryJson(directory)
    for (const child of this.#processes) await child.ask({ kind: 'directory', text }, 'listening')
    for (const descriptor of descriptors) {
      const publicKey = mixKeyOf(descriptor, directory.epoch)
      if (publicKey === undefined) throw new AivError('E_INTERNAL', 'a node of the chain has no key')
      this.#path.push({ id: descriptor.id, publicKey })
    }
    this.#pipe = await dialPackets(descriptors[0]?.addresses[0] as string, {
      identity: {},
      geometryHash: geometryHash(geometry),
      clock: this.#clock,
      signal: new AbortController().signal,
    })
    this.#pipe.attach({ data: () => {}, close: () => {} })
  }

  /** Packets a second, created before. New ones for every run: the replay filters know the last. */
  async throughput(count: number): Promise<Sample> {
    const first = this.#reserve(count)
    const packets = Array.from({ length: count }, (_, at) => this.#packet(first + at, DELAY_MS))
    return rateOf(await this.#send(first, count, (at) => packets[at] as Uint8Array))
  }

  /** The same with their creation in the time that is measured. */
  async liveThroughput(count: number): Promise<Sample> {
    const first = this.#reserve(count)
    return rateOf(await this.#send(first, count, (at) => this.#packet(first + at, DELAY_MS)))
  }

  /** Milliseconds from sending to arrival, with delays drawn for each hop, at a rate that is far from the limit. */
  async latency(count: number): Promise<Sample> {
    const first = this.#reserve(count)
    const packets = Array.from({ length: count }, (_, at) => this.#packet(first + at))
    const { sentMs, arrivedMs } = await this.#send(
      first,
      count,
      (at) => packets[at] as Uint8Array,
      LATENCY_EVERY_MS,
    )
    const values = [...arrivedMs.map((ms, at) => ms - (sentMs[at] as number))]
    const mean = values.reduce((sum, ms) => sum + ms, 0) / count
    return { values, fields: { mean, hops: MIXES, meanDelayMs: DEFAULT_MEAN_DELAY_US / 1_000 } }
  }

  async stop(): Promise<void> {
    this.#pipe?.close()
    await Promise.all(this.#processes.map((child) => child.stop()))
    if (this.#folder !== '') await rm(this.#folder, { recursive: true, force: true })
  }

  /** Numbers for so many packets; returns the first. */
  #reserve(count: number): number {
    const first = this.#nextSerial
    this.#nextSerial += count
    return first
  }

  /** @param delayMs at each mix; drawn as a client does when absent */
  #packet(serial: number, delayMs?: number): Uint8Array {
    const geometry = this.#geometry
    const path = this.#path.map((hop, at): PathHop => {
      const isLast = at === this.#path.length - 1
      if (isLast) return { ...hop, commands: [{ type: 'recipient', id: new Uint8Array(RECIPIENT_BYTES) }] }
      const ms = delayMs ?? sampleDelayMs(systemRandom, DEFAULT_MEAN_DELAY_US / 1_000)
      return { ...hop, commands: [{ type: 'delay', ms }] }
    })
    const payload = concat(u32(serial), systemRandom.bytes(geometry.payloadBytes - SERIAL_BYTES))
    return createPacket(geometry, path, payload, systemRandom)
  }

  /**
   * Sends packets, so many on their way at once, or one every so often.
   * @throws AivError `E_INTERNAL` when one did not arrive, or one that was not sent
   */
  async #send(
    first: number,
    count: number,
    packetAt: (at: number) => Uint8Array,
    everyMs?: number,
  ): Promise<Arrivals> {
    const pipe = this.#pipe as PacketPipe
    const receiver = this.#processes[MIXES] as ChainProcess
    const sentMs = new Float64Array(count)
    const arrivedMs = new Float64Array(count)
    const done = Promise.withResolvers<void>()
    let sent = 0
    let arrived = 0
    const sendOne = (): void => {
      const packet = packetAt(sent)
      sentMs[sent++] = this.#clock.wallMs()
      pipe.write(packet)
    }
    const fill = (): void => {
      while (sent < count && sent - arrived < CHAIN_WINDOW) sendOne()
    }
    const tick = (): void => {
      sendOne()
      if (sent < count) this.#clock.schedule(everyMs as number, tick)
    }
    receiver.onArrival = ({ serials, wallMs }) => {
      for (const [i, serial] of serials.entries()) {
        const at = serial - first
        if (at < 0 || at >= sent || arrivedMs[at] !== 0)
          return done.reject(new AivError('E_INTERNAL', 'a packet arrived that was not sent'))
        arrivedMs[at] = wallMs[i] as number
        arrived++
      }
      if (arrived === count) done.resolve()
      else if (everyMs === undefined) fill()
    }
    const cancel = this.#clock.schedule(RUN_LIMIT_MS, () =>
      done.reject(new AivError('E_INTERNAL', `${count - arrived} of ${count} packets did not arrive`)),
    )
    if (everyMs === undefined) fill()
    else tick()
    try {
      await done.promise
    } catch (error) {
      // Where a packet was dropped says more than that it is missing.
      await this.#checkCounts()
      throw error
    } finally {
      cancel()
    }
    await this.#checkCounts()
    return { sentMs, arrivedMs }
  }

  /** @throws AivError `E_INTERNAL` when a node lost or dropped a packet */
  async #checkCounts(): Promise<void> {
    for (const child of this.#processes) {
      const { unaccounted, dropped } = await child.ask({ kind: 'counts' }, 'counts')
      if (unaccounted === 0 && Object.keys(dropped).length === 0) continue
      const what = JSON.stringify({ ...dropped, unaccounted })
      throw new AivError('E_INTERNAL', `a node of the chain did not pass all packets on: ${what}`, {
        hint: 'The machine may be too busy for its queues.',
      })
    }
  }
}

interface Arrivals {
  readonly sentMs: Float64Array
  readonly arrivedMs: Float64Array
}

function rateOf({ sentMs, arrivedMs }: Arrivals): Sample {
  const packets = sentMs.length
  const seconds = (Math.max(...arrivedMs) - Math.min(...sentMs)) / 1_000
  return { values: [packets / seconds], fields: { packets } }
}

function directoryOf(
  geometry: Geometry,
  descriptors: readonly SignedDescriptor[],
  clock: TimerClock,
): MixDirectory {
  const epoch = epochAt(clock.wallMs() / 1_000, EPOCH_LENGTH_S)
  return checkedDirectory({
    version: 1,
    epoch,
    epochLengthS: EPOCH_LENGTH_S,
    validFrom: epoch * EPOCH_LENGTH_S,
    validUntil: (epoch + 1) * EPOCH_LENGTH_S,
    geometry,
    parameters: { hopDelayUs: DEFAULT_MEAN_DELAY_US, payloadUs: 0, loopUs: 0, dropUs: 0, mixLoopUs: 0 },
    topology: { layers: MIXES, active: 0 },
    sharedRandom: systemRandom.bytes(RANDOM_BYTES),
    nodes: descriptors.toSorted(byId),
    signatures: [],
  })
}
