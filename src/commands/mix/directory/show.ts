import { AivCommand, Args } from '../../../lib/cli/index.ts'

export default class MixDirectoryShow extends AivCommand {
  static override summary = 'print what a directory of a mix network says'
  static override description =
    `Reads a directory in JSON or CBOR and prints its epoch, rules and nodes, and the hash by which proofs of paths name it.
Nothing is verified: that does \`aiv mix directory verify\`.`
  static override examples = [
    '<%= config.bin %> mix directory show network.json',
    '<%= config.bin %> mix directory show --json < network.json',
  ]
  static override args = {
    directory: Args.string({ description: 'directory; stdin when it is - or absent' }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(MixDirectoryShow)
    const { readDirectory } = await import('../../../lib/cli/mix/directory/files.ts')
    const { directoryFields, directoryText } = await import('../../../lib/cli/mix/directory/text.ts')
    const directory = await readDirectory(args.directory)
    this.out.answer(directoryFields(directory), () => directoryText(directory))
  }
}
