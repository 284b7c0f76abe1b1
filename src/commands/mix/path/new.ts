import { AivCommand, Args, Flags } from '../../../lib/cli/index.ts'
import { vrfKeyFlags } from '../../../lib/cli/mix/flags.ts'
import { constraintFlag, pathText } from '../../../lib/cli/mix/path-claim.ts'

export default class MixPathNew extends AivCommand {
  static override summary = 'choose a path through a mix network'
  static override description =
    `Draws one node of each layer by weight, no two of one operator or network. --json prints the hops with keys and delays, as
\`aiv mix packet new\` takes them. Without --counter the path is drawn from fresh randomness and nobody can learn how. With
--counter it follows from the VRF key, the epoch and the counter, and the claim that is printed proves it: that is for loops
that are opened later as evidence. Never publish the claim of a path that carried anything else. The directory is not verified
here: see \`aiv mix directory verify\`.`
  static override examples = [
    '<%= config.bin %> mix path new network.json --json',
    '<%= config.bin %> mix path new network.json --key alice.json --counter 0 --json',
  ]
  static override args = {
    directory: Args.string({ description: 'directory; stdin when it is - or absent' }),
  }
  static override flags = {
    ...vrfKeyFlags,
    ...constraintFlag,
    counter: Flags.integer({
      summary: 'prove the path with this number, counted from 0 in each epoch',
      min: 0,
    }),
    hops: Flags.integer({ summary: 'mixes in the path; default one of each layer', min: 1 }),
    provider: Flags.string({ summary: 'id of a node to put at the end', helpValue: 'ID' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixPathNew)
    const { newPath } = await import('../../../lib/cli/mix/new-path.ts')
    const { path, document } = await newPath(args.directory, flags, this.logger, this.signal)
    this.out.answer(document, () => pathText(path))
  }
}
