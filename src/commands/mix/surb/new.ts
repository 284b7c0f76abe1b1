import { AivCommand, Flags } from '../../../lib/cli/index.ts'
import { geometryFlags, geometryOf, outputFlags } from '../../../lib/cli/mix/packet/flags.ts'

export default class MixSurbNew extends AivCommand {
  static override summary = 'make a single-use reply block'
  static override description =
    `Makes a header over the path back, and a key for the payload. Whoever gets the SURB can send one packet to its maker
without knowing where that is. stdout gets the SURB; --keys, a new file for its owner only, gets what reads the answer.`
  static override examples = [
    '<%= config.bin %> mix surb new --path path.json --recipient bob --keys keys.json > surb.bin',
    '<%= config.bin %> mix surb new --path path.json --recipient bob --keys keys.json --out surb.bin --json',
  ]
  static override flags = {
    path: Flags.string({
      summary: 'JSON list of hops {"id", "public_key", "delay_ms"}, back to its maker',
      required: true,
      helpValue: 'FILE',
    }),
    recipient: Flags.string({
      summary: 'to whom the last hop gives the answer: a name, or 64 hex digits',
      required: true,
      helpValue: 'NAME',
    }),
    keys: Flags.string({
      summary: 'new file for the keys that read the answer',
      required: true,
      helpValue: 'FILE',
    }),
    ...outputFlags,
    ...geometryFlags,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(MixSurbNew)
    const geometry = await geometryOf(flags)
    const { giveBytes } = await import('../../../lib/cli/mix/packet/bytes.ts')
    const { makeSurb } = await import('../../../lib/cli/mix/packet/surbs.ts')
    await giveBytes(this.out, flags, await makeSurb(geometry, flags))
  }
}
