import { AivCommand, Args, durationFlag } from '../../../lib/cli/index.ts'

export default class MixKeyPath extends AivCommand {
  static override summary = 'write the path over some hops, for packets made by hand'
  static override description =
    `Prints the file that \`aiv mix packet new --path\` takes: a JSON list of the hops in order, each {"id", "public_key",
"delay_ms"}. The last hop delivers and has no delay. Only public parts of the key files are read. Paths of a real network come from
its directory.`
  static override examples = [
    '<%= config.bin %> mix key path hop1.json hop2.json hop3.json > path.json',
    '<%= config.bin %> mix key path hop1.json hop2.json hop3.json --delay 33ms --json',
  ]
  static override strict = false
  static override args = {
    file: Args.string({ description: 'files of aiv mix key new, in the order of the path', required: true }),
  }
  static override flags = {
    delay: durationFlag({
      summary: 'how long each hop on the way holds the packet; left out when not given',
    }),
  }

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(MixKeyPath)
    const { pathOfKeys } = await import('../../../lib/cli/mix/packet/keys.ts')
    const { document, text } = await pathOfKeys(argv as string[], flags.delay)
    this.out.answer(document, text)
  }
}
