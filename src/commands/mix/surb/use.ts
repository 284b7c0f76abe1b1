import { AivCommand, Args, Flags } from '../../../lib/cli/index.ts'
import { geometryFlags, geometryOf, outputFlags, rawFlag } from '../../../lib/cli/mix/packet/flags.ts'

export default class MixSurbUse extends AivCommand {
  static override summary = 'make the packet that answers by a SURB'
  static override description =
    `Seals what it reads for the maker of the SURB and puts the header of the SURB before it. stdout gets the packet, stderr says
to which hop it goes. A SURB is good for one packet: nodes drop the second one, which would only show that both are of one hand. So
the file is removed when the packet is written; --keep leaves it, for tests.`
  static override examples = [
    'echo hello | <%= config.bin %> mix surb use --surb surb.bin > reply.bin',
    '<%= config.bin %> mix surb use message.txt --surb surb.bin --keep --json',
  ]
  static override args = {
    payload: Args.string({ description: 'file with the answer; stdin when it is - or absent' }),
  }
  static override flags = {
    surb: Flags.file({
      summary: 'the SURB, binary or hexadecimal; - for stdin',
      required: true,
      helpValue: 'FILE',
    }),
    keep: Flags.boolean({ summary: 'leave the SURB where it is' }),
    raw: rawFlag,
    ...outputFlags,
    ...geometryFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixSurbUse)
    const geometry = await geometryOf(flags)
    const { givePacket } = await import('../../../lib/cli/mix/packet/bytes.ts')
    const { readPayload, readSurb } = await import('../../../lib/cli/mix/packet/creation.ts')
    const { destroyFile } = await import('../../../lib/mix/index.ts')
    const { packetFromSurb } = await import('../../../lib/sphinx/index.ts')
    const surb = await readSurb(geometry, flags.surb)
    const payload = await readPayload(geometry, args.payload, { raw: flags.raw })
    const { packet, firstHop } = packetFromSurb(geometry, surb, payload)
    await givePacket(this.out, flags, packet, firstHop)
    // After the packet is out: a SURB that is gone before could not answer at all.
    if (!flags.keep && flags.surb !== '-') await destroyFile(flags.surb)
  }
}
