import { AivCommand, Flags, LOG_LEVELS, runDoctor } from '../lib/cli/index.ts'
import { systemClock } from '../lib/core/index.ts'

export default class Doctor extends AivCommand {
  static override summary = 'look for what is wrong with this machine or installation'
  static override description =
    `Checks the Node version, the clock, optional modules, the state folder and the settings. The exit code is 1
when something fails; warnings do not count.`
  static override examples = ['<%= config.bin %> doctor', '<%= config.bin %> doctor --json']

  // Broken settings are what the doctor has to find: they must not keep it from running.
  static override baseFlags = {
    ...AivCommand.baseFlags,
    'log-level': Flags.string({
      summary: 'least severe log line that is printed',
      helpGroup: 'GLOBAL',
      options: LOG_LEVELS,
    }),
  }

  async run(): Promise<void> {
    await this.parse(Doctor)
    const checks = await runDoctor({ clock: systemClock })
    const ok = checks.every(({ status }) => status !== 'fail')
    this.out.answer({ ok, checks }, () =>
      checks
        .map(({ name, status, detail, hint }) => {
          const advice = hint === undefined ? '' : ` (${hint})`
          return `${status.padEnd(4)}  ${name}: ${detail}${advice}`
        })
        .join('\n'),
    )
    if (!ok) this.exit(1)
  }
}
