import { AivCommand, Args, Flags } from '../../../lib/cli/index.ts'
import { vrfKeyFlags } from '../../../lib/cli/mix/flags.ts'
import { toHex } from '../../../lib/core/index.ts'

export default class MixDirectorySign extends AivCommand {
  static override summary = 'add the signature of an authority to a directory'
  static override description =
    `Writes the directory with one signature more to a new file. Several authorities sign one after the
other; each should run \`aiv mix directory verify\` and look at \`show\` first.`
  static override examples = [
    '<%= config.bin %> mix directory sign network.json --key alice.json --out signed.json',
    '<%= config.bin %> mix directory sign network.json --key alice.json --out signed.json --json',
  ]
  static override args = {
    directory: Args.string({ description: 'directory; stdin when it is - or absent' }),
  }
  static override flags = {
    ...vrfKeyFlags,
    key: Flags.file({
      summary: 'identity file (default identity.json in the config folder)',
      helpValue: 'FILE',
    }),
    out: Flags.string({ summary: 'new file to write', required: true, helpValue: 'FILE' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixDirectorySign)
    const { openSigner, readDirectory, writeNewFile } = await import(
      '../../../lib/cli/mix/directory/files.ts'
    )
    const { eraseIdentity } = await import('../../../lib/identity/index.ts')
    const { directoryHash, directoryJson, signDirectory } = await import('../../../lib/mix/index.ts')
    const directory = await readDirectory(args.directory)
    const identity = await openSigner(flags, this.signal)
    const signed = signDirectory(directory, identity.sign)
    const authority = identity.sign.publicKey
    eraseIdentity(identity)
    await writeNewFile(flags.out, directoryJson(signed))
    const document = {
      file: flags.out,
      authority,
      hash: directoryHash(signed),
      signatures: signed.signatures.length,
    }
    this.out.answer(document, `signed by ${toHex(authority)}, ${signed.signatures.length} in all`)
  }
}
