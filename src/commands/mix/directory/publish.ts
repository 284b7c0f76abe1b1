import { AivCommand, Args, Flags } from '../../../lib/cli/index.ts'

export default class MixDirectoryPublish extends AivCommand {
  static override summary = "tell the authorities of a network a node's descriptor"
  static override description =
    `Sends the descriptor to every authority and says what became of it. It counts for the next epoch when it comes before the
vote, in the first quarter of an epoch. The exit code is 1 when no authority took it.`
  static override examples = [
    '<%= config.bin %> mix directory publish node1.json --network authorities.json',
    '<%= config.bin %> mix directory publish node1.json --network authorities.json --json',
  ]
  static override args = {
    descriptor: Args.string({ description: 'descriptor of the node', required: true }),
  }
  static override flags = {
    network: Flags.file({ summary: 'file of the network', required: true, helpValue: 'FILE' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixDirectoryPublish)
    const { readDescriptor } = await import('../../../lib/cli/mix/directory/files.ts')
    const { readNetwork } = await import('../../../lib/cli/mix/directory/network-files.ts')
    const { publishDescriptor } = await import('../../../lib/mix/index.ts')
    const descriptor = await readDescriptor(args.descriptor)
    const told = await publishDescriptor(await readNetwork(flags.network), descriptor, this.signal)
    const accepted = told.filter(({ problem }) => problem === undefined).length
    this.out.answer(
      {
        id: descriptor.id,
        accepted,
        authorities: told.map(({ url, problem }) => ({ url, problem: problem ?? null })),
      },
      () => told.map(({ url, problem }) => `${url}  ${problem ?? 'accepted'}`).join('\n'),
    )
    if (accepted === 0) this.exit(1)
  }
}
