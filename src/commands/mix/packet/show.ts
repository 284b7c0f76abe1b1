import { AivCommand, Args } from '../../../lib/cli/index.ts'
import { geometryFlags, geometryOf } from '../../../lib/cli/mix/packet/flags.ts'

export default class MixPacketShow extends AivCommand {
  static override summary = 'show the parts of a Sphinx packet that everybody sees'
  static override description =
    `Takes a packet apart without any key: version, group element, the tag by which its next hop would know it again, routing
slots, MAC and payload. The last three look random to everybody who has no key. The exit code is 1 when the bytes have not the length
of these packets.`
  static override examples = [
    '<%= config.bin %> mix packet show packet.bin',
    '<%= config.bin %> mix packet show - --json < packet.bin',
  ]
  static override args = {
    packet: Args.string({ description: 'packet, binary or hexadecimal; stdin when it is - or absent' }),
  }
  static override flags = geometryFlags

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixPacketShow)
    const geometry = await geometryOf(flags)
    const { readPacket } = await import('../../../lib/cli/mix/packet/bytes.ts')
    const { packetParts, packetText } = await import('../../../lib/cli/mix/packet/geometry-text.ts')
    const parts = packetParts(geometry, await readPacket(args.packet, geometry))
    this.out.answer(parts, () => packetText(parts))
  }
}
