import { AivCommand, Args } from '../../../lib/cli/index.ts'
import { AivError } from '../../../lib/core/index.ts'

export default class HtxPeersTrust extends AivCommand {
  static override summary = 'put the key of a peer on record'
  static override description =
    `Takes the peer and its key from a full address, without connecting. From then on an address without x= is
enough to connect to that peer. What is known of its certificates stays: an older one is still refused.`
  static override examples = [
    '<%= config.bin %> htx peers trust "$ADDRESS"',
    '<%= config.bin %> htx peers trust "$ADDRESS" --json',
  ]
  static override args = {
    address: Args.string({ description: 'full address as `aiv htx listen` prints it', required: true }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(HtxPeersTrust)
    const { openTrust } = await import('../../../lib/cli/htx/endpoint.ts')
    const { describePeer, peerLine } = await import('../../../lib/cli/htx/peers.ts')
    const { parseAddress } = await import('../../../lib/htx/index.ts')
    const { peer, x } = parseAddress(args.address, 'connect')
    if (peer === undefined || x === undefined) {
      throw new AivError('E_USAGE', 'the address has no key to trust', {
        hint: 'Use the full address, with x=, that `aiv htx listen` prints.',
      })
    }
    const record = await openTrust().trust(peer, x)
    this.out.answer(describePeer(record), () => peerLine(record))
  }
}
