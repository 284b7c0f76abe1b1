import { AivCommand, Args, Flags } from '../../../lib/cli/index.ts'
import { outputFlags, rawFlag } from '../../../lib/cli/mix/packet/flags.ts'

export default class MixSurbOpen extends AivCommand {
  static override summary = 'read the answer that came by a SURB'
  static override description =
    `Takes the payload that the last hop gave out for the SURB, undoes what the hops and the sender did, and prints what was
sent. The keys serve once: when the answer is written they are overwritten and removed, so that nobody who recorded it and takes the
disk later can read it; --keep leaves them, for tests. What is no answer to this SURB, or was touched on its way, gives exit code 1, and
the keys stay, because the answer may still come.`
  static override examples = [
    '<%= config.bin %> mix surb open --keys keys.json < reply-payload.bin',
    '<%= config.bin %> mix surb open reply-payload.bin --keys keys.json --keep --json',
  ]
  static override args = {
    payload: Args.string({ description: 'payload, binary or hexadecimal; stdin when it is - or absent' }),
  }
  static override flags = {
    keys: Flags.file({ summary: 'file of aiv mix surb new --keys', required: true, helpValue: 'FILE' }),
    keep: Flags.boolean({ summary: 'leave the keys where they are' }),
    raw: rawFlag,
    ...outputFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixSurbOpen)
    const { openReply } = await import('../../../lib/cli/mix/packet/surbs.ts')
    await openReply(this.out, args.payload, flags)
  }
}
