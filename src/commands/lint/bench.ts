import { AivCommand, BENCH_FLAGS, Flags, startProgress } from '../../lib/cli/index.ts'
import { systemClock } from '../../lib/core/index.ts'

export default class LintBench extends AivCommand {
  static override summary = 'measure on this machine how fast bills of materials are written and judged'
  static override description =
    `Each run is a whole process, its start included, on files made for it; the document must hold every package. The
measurements take turns.

Names: sbom.axios (a lockfile of npm as large as that of axios, or the one of --lock), sbom.700 (700 packages),
check.cold (2,000 small documents judged).`
  static override examples = [
    '<%= config.bin %> lint bench --only sbom.700 --runs 2',
    '<%= config.bin %> lint bench --only sbom.700,check.cold --runs 1 --json',
  ]
  static override flags = {
    ...BENCH_FLAGS,
    lock: Flags.file({ summary: 'package-lock.json to measure sbom.axios with', exists: true }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(LintBench)
    const { countTurns, formatReport, selectByName } = await import('../../lib/bench/index.ts')
    const bench = await import('../../lib/lint/bench/index.ts')
    const { runs, only = [], lock } = flags
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
        lock,
        clock: systemClock,
        signal: this.signal,
        onRun: (_, done) => progress.update(done),
      })
      .finally(() => progress.finish())
    this.out.answer({ bench: 'lint', ...report }, () =>
      formatReport(report, ['each document held every package of its lockfile, and every file was judged']),
    )
  }
}
