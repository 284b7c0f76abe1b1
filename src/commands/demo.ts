import { AivCommand, DEMO_STEPS, Flags, formatDuration, runDemo, type StepReport } from '../lib/cli/index.ts'
import { AivError } from '../lib/core/index.ts'

export default class Demo extends AivCommand {
  static override summary = 'show on this machine that every part works'
  static override description =
    `Each step does real work between processes or endpoints of this machine, prints what it checked, and leaves
nothing behind. The last line counts the checks; the exit code is 1 when one failed.`
  static override examples = ['<%= config.bin %> demo', '<%= config.bin %> demo --step cryptography --json']
  static override flags = {
    step: Flags.string({ summary: 'run only this step; may be repeated', multiple: true, helpValue: 'NAME' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Demo)
    const totals = await runDemo(this.#steps(flags.step), {
      signal: this.signal,
      onStart: ({ name, summary }) => this.out.text(`${name}: ${summary}`),
      onReport: (report) => this.#print(report),
    })
    const { passed, failed } = totals
    const steps = totals.steps.map(({ step, durationMs, checks }) => ({
      step,
      duration_ms: durationMs,
      checks,
    }))
    this.out.answer({ passed, failed, steps }, `${passed} checks passed, ${failed} failed`)
    if (failed > 0) this.exit(1)
  }

  #steps(names: readonly string[] = Object.keys(DEMO_STEPS)) {
    return names.map((name) => {
      const load = Object.hasOwn(DEMO_STEPS, name) ? DEMO_STEPS[name] : undefined
      if (load !== undefined) return load
      const hint = `The steps are ${Object.keys(DEMO_STEPS).join(', ')}`
      throw new AivError('E_USAGE', `there is no demo step ${name}`, { hint })
    })
  }

  #print({ checks, durationMs }: StepReport): void {
    for (const { name, passed, detail } of checks) {
      this.out.text(`  ${passed ? 'ok' : 'FAILED'}  ${name}${detail === undefined ? '' : `: ${detail}`}`)
    }
    this.out.text(`  ${formatDuration(durationMs)}`)
  }
}
