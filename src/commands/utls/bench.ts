import { AivCommand, BENCH_FLAGS, sizeFlag, startProgress } from '../../lib/cli/index.ts'
import { AivError, systemClock } from '../../lib/core/index.ts'

export default class UtlsBench extends AivCommand {
  static override summary = 'measure on this machine how fast hellos are found, named and answered'
  static override description =
    `A capture of mixed TLS connections is made in memory, with segments out of order, doubled and overlapping; its making is not
measured. Reading it must find every packet and every hello in it. The measurements take turns.

Names: fingerprint.pcap, fingerprint.memory, fingerprint.hellos, match.hellos, hello.build,
handshake.overhead.`
  static override examples = [
    '<%= config.bin %> utls bench --only fingerprint.hellos --runs 3',
    '<%= config.bin %> utls bench --bytes 20MB --runs 2 --json',
  ]
  static override flags = {
    ...BENCH_FLAGS,
    bytes: sizeFlag({ summary: 'size of the capture that is read; default 100MB' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(UtlsBench)
    const { countTurns, formatReport, selectByName } = await import('../../lib/bench/index.ts')
    const bench = await import('../../lib/tls/bench/index.ts')
    const { runs, only = [], bytes: captureBytes = bench.CAPTURE_BYTES } = flags
    if (captureBytes < bench.CAPTURE_BYTES_LEAST || captureBytes > bench.CAPTURE_BYTES_MOST)
      throw new AivError('E_USAGE', 'a capture is too small to measure, or too large to hold', {
        hint: 'Give --bytes of 1MB to 1GB.',
      })
    const measurements = selectByName(only, bench.MEASUREMENTS)
    const progress = await startProgress({
      label: 'measuring',
      total: countTurns(measurements, runs),
      unit: 'items',
      json: this.out.isJson,
    })
    const report = await bench
      .runBench({
        measurements,
        runs,
        captureBytes,
        clock: systemClock,
        signal: this.signal,
        onRun: (_, done) => progress.update(done),
      })
      .finally(() => progress.finish())
    this.out.answer({ bench: 'utls', ...report }, () =>
      formatReport(report, [`a capture of ${captureBytes} bytes; every packet and hello in it was found`]),
    )
  }
}
