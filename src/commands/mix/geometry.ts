import { AivCommand } from '../../lib/cli/index.ts'
import { geometryFlags, geometryOf } from '../../lib/cli/mix/packet/flags.ts'

export default class MixGeometry extends AivCommand {
  static override summary = 'show the sizes of packets, and the hash by which nodes agree on them'
  static override description =
    `Everything follows from the format, the longest path and the size of a packet. All nodes and clients of a network
use one geometry; packets of another one are dropped. kem needs one key agreement at each hop and is the default; nike is
Katzenpost's and interoperates with it.`
  static override examples = [
    '<%= config.bin %> mix geometry',
    '<%= config.bin %> mix geometry --format nike --hops 5 --json',
  ]
  static override flags = geometryFlags

  async run(): Promise<void> {
    const { flags } = await this.parse(MixGeometry)
    const geometry = await geometryOf(flags)
    const { geometryDocument, geometryText } = await import('../../lib/cli/mix/packet/geometry-text.ts')
    this.out.answer(geometryDocument(geometry), () => geometryText(geometry))
  }
}
