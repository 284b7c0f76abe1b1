import { AivCommand, Args, Flags } from '../../../lib/cli/index.ts'
import { assembleFlags } from '../../../lib/cli/mix/directory/assemble.ts'

export default class MixDirectoryNetwork extends AivCommand {
  static override summary = 'write down who the authorities of a network are, and its rules'
  static override description =
    `Takes what \`aiv mix directory keys --json\` printed for each authority. All authorities, nodes and clients need the same
file. With f dishonest of n authorities the threshold must be more than (n + f) / 2, so that there is never more than one
valid directory, and at most n - f, so that there is one: the default stands up to just under a third.`
  static override examples = [
    '<%= config.bin %> mix directory network alice.keys.json --epoch-length 5m --out my-authorities.json',
    '<%= config.bin %> mix directory network alice.keys.json --layers 2 --active 40 --out my-authorities.json --json',
  ]
  static override args = {
    keys: Args.string({ description: 'keys of each authority', required: true, multiple: true }),
  }
  static override flags = {
    ...assembleFlags,
    threshold: Flags.integer({
      summary: 'signatures that make a directory valid; default more than two thirds',
      min: 1,
    }),
    active: Flags.integer({
      summary: 'nodes that mix in an epoch, drawn by their proofs; 0 for all',
      default: 0,
      min: 0,
    }),
    out: Flags.string({ summary: 'new file to write', required: true, helpValue: 'FILE' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixDirectoryNetwork)
    const { writeNewFile } = await import('../../../lib/cli/mix/directory/files.ts')
    const { networkText, readAuthority } = await import('../../../lib/cli/mix/directory/network-files.ts')
    const { text, network } = networkText(await Promise.all(args.keys.map(readAuthority)), flags)
    await writeNewFile(flags.out, text)
    const { authorities, threshold } = network
    this.out.answer(
      { file: flags.out, authorities: authorities.length, threshold },
      `${threshold} of ${authorities.length} authorities must sign`,
    )
  }
}
