import { AivCommand, BENCH_FLAGS, durationFlag, Flags, sizeFlag, startProgress } from '../../lib/cli/index.ts'
import { AivError } from '../../lib/core/index.ts'

export default class HtxBench extends AivCommand {
  static override summary = 'measure sessions on this machine, beside node:tls'
  static override description =
    `Each number comes from worker processes on the loopback: one sends, one receives and checks every byte. The
measurements take turns, and ratios are made run by run, because a busy machine slows all of them down. Measured
listeners admit more handshakes than the product does; the answer prints those limits.

Names: stream.tcp, stream.ws, stream.https, stream.quic, stream.memory, streams100.tcp, nodetls.chacha20,
nodetls.aes128gcm, tcp.bare, quic.bare, handshake.tcp, handshake.resumed, ping.tcp, ping.bulk, sessions1000,
sessions500.https, rss.10GiB, tickets.inserts, tickets.checks, forward.tcp, forward.added, socks.connections, continuity.bulk, ratio.nodetls, ratio.quic,
ratio.streams100, ratio.forward, ratio.continuity.
rss.10GiB runs only when it is named.`
  static override examples = [
    '<%= config.bin %> htx bench --only ping.tcp --runs 1 --duration 200ms',
    '<%= config.bin %> htx bench --only ratio.nodetls --runs 3 --bytes 64MiB --json',
  ]
  static override flags = {
    link: Flags.option({
      options: ['tcp', 'ws', 'quic', 'https', 'memory'] as const,
      summary: 'measure this link only',
    })(),
    ...BENCH_FLAGS,
    duration: durationFlag({ summary: 'measured time of one run; default 2s', exclusive: ['bytes'] }),
    bytes: sizeFlag({
      summary: 'measured bytes of one bulk run, in place of a time',
      exclusive: ['duration'],
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(HtxBench)
    const bench = await import('../../lib/htx/bench/index.ts')
    const { bytes, duration = bench.DEFAULT_SETTINGS.durationMs, runs } = flags
    if (duration < bench.DURATION_LEAST_MS || (bytes ?? bench.BYTES_LEAST) < bench.BYTES_LEAST)
      throw new AivError('E_USAGE', 'a run that short measures nothing', {
        hint: 'Give at least --duration 100ms or --bytes 1MiB.',
      })
    const { countTurns, formatReport } = await import('../../lib/bench/index.ts')
    const selection = bench.selectMeasurements(flags.only ?? [], flags.link)
    // Of a small count a small part is the warm-up.
    const { warmUpBytes } = bench.DEFAULT_SETTINGS
    const bulkBytes = bytes === undefined ? {} : { bytes, warmUpBytes: Math.min(bytes, warmUpBytes) }
    const progress = await startProgress({
      label: 'measuring',
      total: countTurns(selection.measurements, runs),
      unit: 'items',
      json: this.out.isJson,
    })
    const report = await bench
      .runBench({
        ...selection,
        settings: { ...bench.DEFAULT_SETTINGS, runs, durationMs: duration, ...bulkBytes },
        signal: this.signal,
        onRun: (_, done) => progress.update(done),
      })
      .finally(() => progress.finish())
    const { chunkBytes, frameBytes, limits } = report
    this.out.answer({ bench: 'htx', ...report }, () =>
      formatReport(report, [
        `writes of ${chunkBytes} bytes, frames of up to ${frameBytes} bytes; every byte checked at the receiver`,
        `limits of the measured listeners: ${JSON.stringify(limits)}`,
      ]),
    )
  }
}
