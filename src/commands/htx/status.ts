import { AivCommand, durationFlag } from '../../lib/cli/index.ts'
import { systemClock } from '../../lib/core/index.ts'

export default class HtxStatus extends AivCommand {
  static override summary = 'show the sessions of the processes that run here'
  static override description =
    `Asks every \`aiv htx\` process of this user and $AIV_HOME what it does: its sessions with their peers, streams
and bytes, and how many bytes a second they move, measured over --interval.`
  static override examples = [
    '<%= config.bin %> htx status',
    '<%= config.bin %> htx status --json --interval 0',
  ]
  static override flags = {
    interval: durationFlag({
      summary: 'measure the throughput this long; 0 leaves it out',
      default: 1000,
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(HtxStatus)
    const { readStatuses } = await import('../../lib/htx/index.ts')
    const { statusFolder } = await import('../../lib/cli/htx/operations/operations.ts')
    const { parseStatuses, statusTable, withRates } = await import('../../lib/cli/htx/operations/status.ts')
    const read = async () => parseStatuses(await readStatuses(statusFolder()))
    let processes = await read()
    if (flags.interval > 0 && processes.length > 0) {
      const { setTimeout: pause } = await import('node:timers/promises')
      const before = processes
      const begun = systemClock.now()
      await pause(flags.interval, undefined, { signal: this.signal }).catch(() =>
        this.signal.throwIfAborted(),
      )
      processes = withRates(before, await read(), systemClock.now() - begun)
    }
    this.out.answer({ processes }, () => statusTable(processes))
  }
}
