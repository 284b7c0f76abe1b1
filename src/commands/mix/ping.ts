import { AivCommand, Args, durationFlag, Flags } from '../../lib/cli/index.ts'
import { clientFlags } from '../../lib/cli/mix/client/flags.ts'

export default class MixPing extends AivCommand {
  static override summary = 'measure the way to a provider and back through the mixnet'
  static override description =
    `Sends probes through the own provider and one mix of each layer to a provider, which answers by reply block over other
mixes. Probes take the place of cover packets, so they wait for their turn. Prints the least, median and largest time in
milliseconds. Exit code 1 when a probe does not come back.`
  static override examples = [
    '<%= config.bin %> mix ping --directory network.json --unsigned',
    '<%= config.bin %> mix ping "$PROVIDER" --directory network.json --unsigned --count 3 --json',
  ]
  static override args = {
    provider: Args.string({ description: 'id of the provider; the one where packets enter unless given' }),
  }
  static override flags = {
    ...clientFlags,
    count: Flags.integer({ summary: 'how many probes', default: 5, min: 1, max: 10_000 }),
    timeout: durationFlag({ summary: 'how long to wait for each', default: 30_000 }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixPing)
    const { pingProvider } = await import('../../lib/cli/mix/client/ping.ts')
    const { logger, signal } = this
    const result = await pingProvider(args.provider, flags, { logger, signal })
    this.out.answer(result.document, () => result.text)
    if (result.lost > 0) process.exitCode = 1
  }
}
