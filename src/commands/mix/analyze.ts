import { AivCommand, Args, durationFlag, openInput, writeOut } from '../../lib/cli/index.ts'
import { PLOT_FLAG, SEED_FLAG, TEST_FLAG } from '../../lib/cli/mix/privacy-flags.ts'

export default class MixAnalyze extends AivCommand {
  static override summary = 'measure how well a mix network hid who talked to whom'
  static override description =
    `Reads a trace, JSON lines with when packets came into each node and left it, and what clients sent and received when;
\`aiv mix sim --trace\` writes one. It measures what one who watches all links can find out, and holds it against what the
network should give: T1 and T2 entropy of each node, T3 entropy of a packet end to end, T4 who of two sent it, T5
correlation of what one sends with what another receives, T6 whether delays are exponential and cover looks like traffic,
T14 whether paths choose nodes by their weights. Each test is made on bad traffic too, and has to notice it. The exit
code is 1 when a test fails.

A trace is the very thing that a mix network must not keep: record one in a laboratory only.`
  static override examples = [
    '<%= config.bin %> mix analyze trace.jsonl',
    '<%= config.bin %> mix analyze - --test T3 --test T6 --floor 2ms --json < trace.jsonl',
  ]
  static override args = {
    file: Args.string({ description: 'a trace; stdin when it is - or absent' }),
  }
  static override flags = {
    'mean-delay': durationFlag({ summary: 'mean delay of the nodes; default what the trace says' }),
    floor: durationFlag({
      summary: 'judge only what delays have beyond this; nodes that tick in 1 ms need 2ms',
      default: 0,
    }),
    test: TEST_FLAG,
    seed: SEED_FLAG,
    plot: PLOT_FLAG,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixAnalyze)
    const analysis = await import('../../lib/mix/analysis/index.ts')
    const { modelEntropy } = await import('../../lib/mix/sim/index.ts')
    const { verdictDocument, verdictText } = await import('../../lib/cli/mix/verdict.ts')
    const meanDelayMs = flags['mean-delay']
    const observation = analysis.observe(await analysis.readTrace(openInput(args.file)), {
      floorUs: flags.floor * 1_000,
      ...(meanDelayMs === undefined ? {} : { meanDelayUs: meanDelayMs * 1_000 }),
    })
    if (flags.plot !== undefined) await writeOut(flags.plot, analysis.traceSvg(observation))
    const verdict = analysis.judgeAll(observation, {
      ...(flags.test === undefined ? {} : { tests: flags.test }),
      modelBits: () => modelEntropy(observation, flags.seed),
    })
    this.out.answer(verdictDocument(verdict), () => verdictText(verdict))
    if (!verdict.passed) this.exit(1)
  }
}
