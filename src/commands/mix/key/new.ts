import { AivCommand } from '../../../lib/cli/index.ts'
import { newMixKeyFlags } from '../../../lib/cli/mix/packet/flags.ts'

export default class MixKeyNew extends AivCommand {
  static override summary = 'make a Sphinx key in a file, for a laboratory'
  static override description =
    `Makes the key with which one hop unwraps packets. Nodes make theirs themselves, one for each epoch; this is for
trying packets by hand. The id of the hop is that of --identity, else one made of the key. The file is for its owner only. With a
passphrase (--passphrase-file, AIV_PASSPHRASE or the question of --passphrase) it is encrypted.`
  static override examples = [
    '<%= config.bin %> mix key new --out hop.json',
    '<%= config.bin %> mix key new --out hop.json --passphrase-file passphrase.txt --kdf scrypt --json',
  ]
  static override flags = newMixKeyFlags

  async run(): Promise<void> {
    const { flags } = await this.parse(MixKeyNew)
    const { makeMixKey, mixKeyDocument, mixKeyText } = await import('../../../lib/cli/mix/packet/keys.ts')
    const made = await makeMixKey(flags, this.signal)
    this.out.answer(mixKeyDocument(made, flags.out), () => mixKeyText(made, flags.out))
  }
}
