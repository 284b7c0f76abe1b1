import { AivCommand, Args, Flags, passphraseFlags, writeOut } from '../../../lib/cli/index.ts'
import { geometryFlags, geometryOf, outputFlags, rawFlag } from '../../../lib/cli/mix/packet/flags.ts'

export default class MixPacketUnwrap extends AivCommand {
  static override summary = 'take one layer off a Sphinx packet'
  static override description =
    `Does what a hop does: checks the MAC, reads the routing commands and deciphers one layer. stdout gets the packet for
the next hop, or the payload at the last one; stderr says where it goes and how long the hop shall hold it. With --json all of it is
one document, with the commands. Several keys are tried in turn, as a node does at the change of an epoch. A packet that a node would
drop gives the reason and exit code 1. Nothing is remembered: a node would drop the same packet the second time.`
  static override examples = [
    '<%= config.bin %> mix packet unwrap --key hop1.json < packet.bin > next.bin',
    '<%= config.bin %> mix packet unwrap packet.bin --key hop1.json --json',
  ]
  static override args = {
    packet: Args.string({ description: 'packet, binary or hexadecimal; stdin when it is - or absent' }),
  }
  static override flags = {
    ...passphraseFlags,
    key: Flags.string({
      summary: 'file of aiv mix key new; may be repeated',
      required: true,
      multiple: true,
      helpValue: 'FILE',
    }),
    'surb-out': Flags.string({ summary: 'write the SURB that came along into this file', helpValue: 'FILE' }),
    raw: rawFlag,
    ...outputFlags,
    ...geometryFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixPacketUnwrap)
    const geometry = await geometryOf(flags)
    const { giveBytes, readBytes } = await import('../../../lib/cli/mix/packet/bytes.ts')
    const { openMixKeys } = await import('../../../lib/cli/mix/packet/keys.ts')
    const { describe, describeDrop, unwrapWith } = await import('../../../lib/cli/mix/packet/unwrapped.ts')
    const keys = await openMixKeys(flags.key, flags, this.signal)
    const packet = await readBytes(args.packet, geometry.packetBytes)
    const unwrapped = unwrapWith(geometry, keys, packet)
    for (const key of keys) key.erase()
    if (unwrapped.kind === 'drop') {
      const { document, text } = describeDrop(unwrapped)
      if (this.out.isJson) this.out.json(document)
      else this.out.note(text)
      this.exit(1)
    }
    const opened = describe(geometry, unwrapped, flags.raw)
    const surbOut = flags['surb-out']
    if (surbOut !== undefined && opened.surb !== undefined) await writeOut(surbOut, opened.surb)
    await giveBytes(this.out, flags, opened)
  }
}
