import { AivCommand, BENCH_FLAGS, Flags, startProgress } from '../../lib/cli/index.ts'

export default class MixBench extends AivCommand {
  static override summary = 'measure packets on this machine: opening, creating, with one worker and with all'
  static override description =
    `Packets are created before the clock starts. One counts only when its MAC was verified, its tag was entered in the
replay filter, and it was delayed and emitted again; a run whose counts do not add up fails. All packets are 2048 bytes
long, for paths of 3 hops.

Names, for kem and nike: unwrap.kem.worker (one worker), unwrap.kem.total (all workers), process.kem (one packet in one
thread, with what it allocates), create.kem (one packet), scaling.kem (total over one worker). Then packets from a client
over the loopback through three mixes to a provider, five processes that are nodes as operators run them, replay tags on the
disk included: chain (over HTX), chain.tcp, chain.live (created meanwhile), latency.chain (delays of 33 ms on average at
each mix).`
  static override examples = [
    '<%= config.bin %> mix bench --only create.kem --runs 1',
    '<%= config.bin %> mix bench --only unwrap.kem.total --packets 512 --runs 1 --json',
  ]
  static override flags = {
    ...BENCH_FLAGS,
    workers: Flags.integer({
      summary: 'threads of the total measurements; default: one a core',
      min: 1,
      max: 64,
      helpValue: 'COUNT',
    }),
    packets: Flags.integer({
      summary: 'packets of one run',
      default: 8192,
      min: 512,
      max: 100_000,
      helpValue: 'COUNT',
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(MixBench)
    const bench = await import('../../lib/mix/bench/index.ts')
    const { countTurns, formatReport } = await import('../../lib/bench/index.ts')
    const { systemClock } = await import('../../lib/core/index.ts')
    const { availableParallelism } = await import('node:os')
    const { only = [], workers = availableParallelism(), packets, runs } = flags
    const selected = bench.selectMeasurements(only, workers)
    const progress = await startProgress({
      label: 'measuring',
      total: countTurns(selected, runs),
      unit: 'items',
      json: this.out.isJson,
    })
    const options = { only, workers, packets, runs, clock: systemClock, signal: this.signal }
    const report = await bench
      .runBench(options, (_, done) => progress.update(done))
      .finally(() => progress.finish())
    this.out.answer({ bench: 'mix', ...report }, () =>
      formatReport(report, [
        `packets of ${report.packetBytes} bytes for ${report.hops} hops; ${packets} a run, ${workers} workers`,
      ]),
    )
  }
}
