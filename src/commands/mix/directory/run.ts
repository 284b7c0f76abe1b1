import { AivCommand, Flags, hostPortFlag } from '../../../lib/cli/index.ts'
import { vrfKeyFlags } from '../../../lib/cli/mix/flags.ts'

export default class MixDirectoryRun extends AivCommand {
  static override summary = 'be an authority that makes directories with others'
  static override description =
    `Collects the descriptors of nodes and makes, in each epoch, the directory of the next one: votes, randomness that no
authority can choose or withhold, proofs of the nodes, signatures. Nodes and clients ask over HTTP; all that is said is
public and signed. An authority that starts in the middle of a round joins in with the next one.`
  static override examples = [
    '<%= config.bin %> mix directory run --network authorities.json --key alice.json --listen 127.0.0.1:0',
    '<%= config.bin %> mix directory run --network authorities.json --key alice.json --listen 127.0.0.1:0 --admit "$NODE" --json',
  ]
  static override flags = {
    ...vrfKeyFlags,
    key: Flags.file({
      summary: 'identity file (default identity.json in the config folder)',
      helpValue: 'FILE',
    }),
    network: Flags.file({ summary: 'file of the network', required: true, helpValue: 'FILE' }),
    listen: hostPortFlag({ summary: 'where to listen; port 0 picks one', required: true }),
    admit: Flags.string({
      summary: 'id of a node that may take part; may be repeated; default all nodes',
      multiple: true,
      helpValue: 'ID',
    }),
    out: Flags.string({ summary: 'also keep the newest directory in this file', helpValue: 'FILE' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(MixDirectoryRun)
    const { runDirectoryAuthority } = await import('../../../lib/cli/mix/directory/run-authority.ts')
    await runDirectoryAuthority(flags, {
      signal: this.signal,
      event: (name, fields) => this.event(name, fields),
    })
  }
}
