/** What `aiv mix bench` measures. */
import {
  type BenchReport,
  type MeasurementInfo,
  type Ratio,
  ratioResults,
  selectByName,
  type TakeSample,
  takeTurns,
} from '../../bench/index.ts'
import type { TimerClock } from '../../core/index.ts'
import { makeGeometry, type PacketFormat } from '../../sphinx/index.ts'
import { ChainBench } from './chain/chain-bench.ts'
import {
  CHAIN_PACKETS,
  CHAIN_WARM_UP_PACKETS,
  CHAIN_WARM_UPS,
  LATENCY_PACKETS,
  MIXES,
  SINGLE_PACKETS,
  WARM_UP_PACKETS,
} from './constants.ts'
import { createBenchPackets, type MeasuredNode, measuredNode } from './packets.ts'
import { timeCreation, timeProcessing } from './single-packets.ts'
import { UnwrapBench } from './unwrap-run.ts'

const FORMATS: readonly PacketFormat[] = ['kem', 'nike']

interface Measurement extends MeasurementInfo {
  start(bench: MixBench): Promise<TakeSample>
}

export interface BenchOptions {
  /** Names; empty for all. */
  readonly only: readonly string[]
  /** Threads of the `total` measurements. */
  readonly workers: number
  /** Packets of one run. */
  readonly packets: number
  readonly runs: number
  readonly clock: TimerClock
  readonly signal: AbortSignal
}

/** What was made for the measurements, once for each format. */
class MixBench {
  readonly #options: BenchOptions
  readonly #nodes = new Map<PacketFormat, MeasuredNode>()
  readonly #packets = new Map<PacketFormat, Promise<readonly Uint8Array[]>>()
  readonly #running: { stop(): Promise<void> }[] = []
  readonly #chains = new Map<string, ChainBench>()

  constructor(options: BenchOptions) {
    this.#options = options
  }

  node(format: PacketFormat): MeasuredNode {
    const node = this.#nodes.get(format) ?? measuredNode(makeGeometry({ format }))
    this.#nodes.set(format, node)
    return node
  }

  packets(format: PacketFormat): Promise<readonly Uint8Array[]> {
    const packets =
      this.#packets.get(format) ?? createBenchPackets(this.node(format).bench, this.#options.packets)
    this.#packets.set(format, packets)
    return packets
  }

  async unwrap(format: PacketFormat, workers: number): Promise<TakeSample> {
    const { clock } = this.#options
    const run = new UnwrapBench(clock, this.node(format), await this.packets(format), workers)
    this.#running.push(run)
    await run.start()
    // Threads compile what they run often.
    await run.run()
    return async () => {
      const { packetsPerSecond, packets } = await run.run()
      return {
        values: [packetsPerSecond],
        fields: { workers, perWorker: packetsPerSecond / workers, packets },
      }
    }
  }

  async process(format: PacketFormat): Promise<TakeSample> {
    const packets = (await this.packets(format)).slice(0, WARM_UP_PACKETS + SINGLE_PACKETS)
    return async () => timeProcessing(this.#options.clock, this.node(format), packets)
  }

  async create(format: PacketFormat): Promise<TakeSample> {
    const { bench } = this.node(format)
    return async () => timeCreation(this.#options.clock, bench, SINGLE_PACKETS)
  }

  /** The processes of one chain serve all of its measurements. */
  async chain(scheme: string): Promise<ChainBench> {
    const known = this.#chains.get(scheme)
    if (known !== undefined) return known
    const chain = new ChainBench(this.#options.clock)
    this.#running.push(chain)
    this.#chains.set(scheme, chain)
    await chain.start(scheme)
    for (let i = 0; i < CHAIN_WARM_UPS; i++) await chain.throughput(CHAIN_WARM_UP_PACKETS)
    return chain
  }

  async stop(): Promise<void> {
    await Promise.all(this.#running.map((run) => run.stop()))
  }
}

/** @param workers threads of the measurements of all workers */
function measurements(workers: number): readonly Measurement[] {
  return [...packetMeasurements(workers), ...CHAIN_MEASUREMENTS]
}

function packetMeasurements(workers: number): readonly Measurement[] {
  return FORMATS.flatMap((format): Measurement[] => [
    unwrap(format, 'worker', 1),
    // Between one and all: how the rate grows with the workers.
    ...Array.from({ length: Math.max(0, workers - 2) }, (_, at) => unwrap(format, `${at + 2}`, at + 2)),
    unwrap(format, 'total', workers),
    {
      name: `process.${format}`,
      unit: 'ms',
      processes: 1,
      quote: 'p50',
      start: (bench) => bench.process(format),
    },
    {
      name: `create.${format}`,
      unit: 'ms',
      processes: 1,
      quote: 'p50',
      start: (bench) => bench.create(format),
    },
  ])
}

function unwrap(format: PacketFormat, suffix: string, workers: number): Measurement {
  return {
    name: `unwrap.${format}.${suffix}`,
    unit: 'packets/s',
    processes: 1,
    quote: 'p50',
    start: (bench) => bench.unwrap(format, workers),
  }
}

/** HTX as in the field, and bare TCP beside it. */
const CHAIN_MEASUREMENTS: readonly Measurement[] = [
  ...[
    { name: 'chain', scheme: 'htx+tcp' },
    { name: 'chain.tcp', scheme: 'tcp' },
  ].map(
    ({ name, scheme }): Measurement => ({
      name,
      unit: 'packets/s',
      processes: MIXES + 2,
      quote: 'p50',
      start: async (bench) => {
        const chain = await bench.chain(scheme)
        return () => chain.throughput(CHAIN_PACKETS)
      },
    }),
  ),
  {
    name: 'chain.live',
    unit: 'packets/s',
    processes: MIXES + 2,
    quote: 'p50',
    start: async (bench) => {
      const chain = await bench.chain('htx+tcp')
      return () => chain.liveThroughput(CHAIN_PACKETS)
    },
  },
  {
    name: 'latency.chain',
    unit: 'ms',
    processes: MIXES + 2,
    quote: 'p50',
    start: async (bench) => {
      const chain = await bench.chain('htx+tcp')
      return () => chain.latency(LATENCY_PACKETS)
    },
  },
]

const RATIOS: readonly Ratio[] = FORMATS.map((format) => ({
  name: `scaling.${format}`,
  of: `unwrap.${format}.total`,
  over: `unwrap.${format}.worker`,
}))

export interface MixBenchReport extends BenchReport {
  readonly packetBytes: number
  readonly hops: number
  readonly packets: number
  readonly workers: number
}

/** The names that are measured. */
export function selectMeasurements(only: readonly string[], workers: number): readonly MeasurementInfo[] {
  return selectByName(only, measurements(workers), RATIOS)
}

/**
 * @throws AivError `E_USAGE` for an unknown name, `E_INTERNAL` when packets of a run are not accounted for
 */
export async function runBench(
  options: BenchOptions,
  onRun?: (name: string, done: number) => void,
): Promise<MixBenchReport> {
  const { only, workers, packets } = options
  const selected = selectByName(only, measurements(workers), RATIOS)
  const bench = new MixBench(options)
  try {
    const report = await takeTurns({
      ...options,
      measurements: selected,
      start: (measurement) => measurement.start(bench),
      ...(onRun === undefined ? {} : { onRun }),
    })
    const { packetBytes, hops } = makeGeometry()
    return {
      ...report,
      results: [...report.results, ...ratioResults(RATIOS, report.results)],
      packetBytes,
      hops,
      packets,
      workers,
    }
  } finally {
    await bench.stop()
  }
}
