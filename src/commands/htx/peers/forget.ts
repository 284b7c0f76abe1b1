import { AivCommand, Args } from '../../../lib/cli/index.ts'
import { AivError } from '../../../lib/core/index.ts'

export default class HtxPeersForget extends AivCommand {
  static override summary = 'forget a peer'
  static override description =
    `Removes a peer from the known peers, and with it the record that refuses its older certificates: forget only
who is gone for good. The exit code is 1 when the peer was not known.`
  static override examples = [
    '<%= config.bin %> htx peers forget "$PEER"',
    '<%= config.bin %> htx peers forget "$OTHER_PEER" --json',
  ]
  static override args = { peer: Args.string({ description: 'peer id', required: true }) }

  async run(): Promise<void> {
    const { args } = await this.parse(HtxPeersForget)
    const { openTrust } = await import('../../../lib/cli/htx/endpoint.ts')
    const { isPeerId } = await import('../../../lib/identity/index.ts')
    if (!isPeerId(args.peer)) {
      throw new AivError('E_USAGE', `${args.peer.slice(0, 80)} is not a peer id`, {
        hint: 'Run "aiv htx peers list" for those that are known.',
      })
    }
    const forgotten = await openTrust().remove(args.peer)
    this.out.answer(
      { peer: args.peer, forgotten },
      forgotten ? `forgot ${args.peer}` : `${args.peer} was not known`,
    )
    if (!forgotten) this.exit(1)
  }
}
