import { AivCommand, Args } from '../../../lib/cli/index.ts'

export default class MixKeyShow extends AivCommand {
  static override summary = 'show the public part of a Sphinx key file'
  static override description =
    'Prints the id of the hop and its public key, which is what a sender needs of it. It needs no passphrase.'
  static override examples = [
    '<%= config.bin %> mix key show hop1.json',
    '<%= config.bin %> mix key show hop1.json --json',
  ]
  static override args = {
    file: Args.string({ description: 'file of aiv mix key new', required: true }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(MixKeyShow)
    const { mixKeyDocument, mixKeyText } = await import('../../../lib/cli/mix/packet/keys.ts')
    const { readMixKeyInfo } = await import('../../../lib/mix/index.ts')
    const info = await readMixKeyInfo(args.file)
    this.out.answer(mixKeyDocument(info, args.file), () => mixKeyText(info, args.file))
  }
}
