import { AivCommand, durationFlag, Flags } from '../../lib/cli/index.ts'
import { decimalFlag, PLOT_FLAG, SEED_FLAG, TEST_FLAG } from '../../lib/cli/mix/privacy-flags.ts'

export default class MixSim extends AivCommand {
  static override summary = 'simulate a mix network and attack it'
  static override description =
    `Simulates clients and layers of mixes that delay each packet exponentially, and makes the tests of \`aiv mix analyze\` on
it, and attacks that need more than one trace: T5 correlation of flows, T10 how soon a node notices that somebody keeps back
packets, T11 how long one must watch to know somebody's contacts. Each test is made on bad traffic too, and has to notice it.
The same seed gives the same answer. The exit code is 1 when a test fails: with little traffic, or without cover, they do.`
  static override examples = [
    '<%= config.bin %> mix sim --nodes 9 --clients 100 --seed 7 --test T1 --test T3',
    '<%= config.bin %> mix sim --duration 5s --test T6 --trace trace.jsonl --plot delays.svg --json',
  ]
  static override flags = {
    nodes: Flags.integer({ summary: 'mixes', default: 9, min: 1, max: 10_000 }),
    layers: Flags.integer({ summary: 'layers of mixes, hops of a path', default: 3, min: 1, max: 16 }),
    clients: Flags.integer({ summary: 'clients, of which half talk', default: 100, min: 2, max: 1_000_000 }),
    rate: decimalFlag({ summary: 'packets that a client may send each second, real or cover', default: 50 }),
    'loop-rate': decimalFlag({ summary: 'loops that it sends beside them each second', default: 5 }),
    cover: Flags.option({
      summary: 'none; nym: loops when there is nothing to send; loopix: drops, loops, and constant fetching',
      options: ['none', 'nym', 'loopix'] as const,
      default: 'loopix' as const,
    })(),
    'mean-delay': durationFlag({ summary: 'mean delay of a mix', default: 33 }),
    duration: durationFlag({ summary: 'simulated time', default: 10_000 }),
    seed: SEED_FLAG,
    test: TEST_FLAG,
    trace: Flags.file({ summary: 'write what happened, for aiv mix analyze', helpValue: 'FILE' }),
    plot: PLOT_FLAG,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(MixSim)
    const { SIM_DEFAULTS } = await import('../../lib/mix/sim/index.ts')
    const { runSimulation } = await import('../../lib/cli/mix/simulate.ts')
    const { simulationDocument, simulationText } = await import('../../lib/cli/mix/simulation-text.ts')
    const { nodes, layers, clients, rate, cover, seed } = flags
    const parameters = {
      ...SIM_DEFAULTS,
      ...{ nodes, layers, clients, rate, cover, seed },
      loopRate: flags['loop-rate'],
      meanDelayMs: flags['mean-delay'],
      durationMs: flags.duration,
    }
    const answer = await runSimulation({
      parameters,
      tests: flags.test,
      trace: flags.trace,
      plot: flags.plot,
      signal: this.signal,
    })
    this.out.answer(simulationDocument(parameters, answer), () => simulationText(answer))
    if (!answer.verdict.passed) this.exit(1)
  }
}
