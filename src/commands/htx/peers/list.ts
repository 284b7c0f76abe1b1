import { AivCommand } from '../../../lib/cli/index.ts'

export default class HtxPeersList extends AivCommand {
  static override summary = 'list the peers that were met or trusted'
  static override description =
    `Prints one line a peer: its id, the key it speaks with now, and when it was seen last. The record also keeps
older identity certificates of the peer from coming back.`
  static override examples = ['<%= config.bin %> htx peers list', '<%= config.bin %> htx peers list --json']

  async run(): Promise<void> {
    await this.parse(HtxPeersList)
    const { openTrust } = await import('../../../lib/cli/htx/endpoint.ts')
    const { describePeer, peerLine } = await import('../../../lib/cli/htx/peers.ts')
    const peers = await openTrust().list()
    this.out.answer({ peers: peers.map(describePeer) }, () =>
      peers.length === 0 ? 'no known peers' : peers.map(peerLine).join('\n'),
    )
  }
}
