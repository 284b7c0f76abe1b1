import { AivCommand, Args, Flags } from '../../../lib/cli/index.ts'
import { geometryFlags, geometryOf, outputFlags, rawFlag } from '../../../lib/cli/mix/packet/flags.ts'

export default class MixPacketNew extends AivCommand {
  static override summary = 'make a Sphinx packet'
  static override description =
    `Wraps what it reads for the hops of a path. Each hop sees the one before it and the one behind it, and nobody sees
how long the path is. The payload stands in a frame with its length, and with --surb a reply block for the answer; with --raw it
must fill the packet as it is. stdout gets the packet, a terminal its hexadecimal form.`
  static override examples = [
    'echo hello | <%= config.bin %> mix packet new --path path.json --recipient alice > packet.bin',
    '<%= config.bin %> mix packet new message.txt --path path.json --recipient alice --surb surb.bin --json',
  ]
  static override args = {
    payload: Args.string({ description: 'file with the payload; stdin when it is - or absent' }),
  }
  static override flags = {
    path: Flags.string({
      summary: 'JSON list of hops {"id", "public_key", "delay_ms"}',
      required: true,
      helpValue: 'FILE',
    }),
    recipient: Flags.string({
      summary: 'to whom the last hop gives the payload: a name, or 64 hex digits',
      required: true,
      helpValue: 'NAME',
    }),
    surb: Flags.string({ summary: 'reply block that travels along', helpValue: 'FILE' }),
    raw: rawFlag,
    ...outputFlags,
    ...geometryFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixPacketNew)
    const geometry = await geometryOf(flags)
    const { givePacket } = await import('../../../lib/cli/mix/packet/bytes.ts')
    const { readPath, readPayload } = await import('../../../lib/cli/mix/packet/creation.ts')
    const { parseRecipient, pathHops } = await import('../../../lib/mix/index.ts')
    const { createPacket } = await import('../../../lib/sphinx/index.ts')
    const { systemRandom } = await import('../../../lib/crypto/index.ts')
    const id = parseRecipient(flags.recipient)
    const hops = pathHops(await readPath(flags.path), [{ type: 'recipient', id }])
    const payload = await readPayload(geometry, args.payload, flags)
    const packet = createPacket(geometry, hops, payload, systemRandom)
    await givePacket(this.out, flags, packet, hops[0]?.id as Uint8Array)
  }
}
