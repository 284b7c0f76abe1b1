import { AivCommand, Args, readInput } from '../../lib/cli/index.ts'
import { newFileFlags } from '../../lib/cli/key/flags.ts'

/** An exported identity has about 6 KB. */
const MAX_INPUT_BYTES = 65_536

export default class KeyImport extends AivCommand {
  static override summary = 'make an identity file from an exported identity or a raw seed'
  static override description =
    `Reads what "key export --secret" wrote, or an Ed25519 seed of 64 hex digits, from a file or stdin. A seed keeps
its peer id and gets new other keys.`
  static override examples = [
    '<%= config.bin %> key import alice.backup.json --out restored.json --passphrase-file passphrase.txt',
    '<%= config.bin %> key export alice.json --secret | <%= config.bin %> key import --out copy.json',
  ]
  static override args = {
    source: Args.string({ description: 'file to read, - or nothing for stdin' }),
  }
  static override flags = newFileFlags

  async run(): Promise<void> {
    const { args, flags } = await this.parse(KeyImport)
    const { keyDocument, keyText, refuseKeyAsArgument, writeNewKey } = await import(
      '../../lib/cli/key/key-files.ts'
    )
    const { systemClock } = await import('../../lib/core/index.ts')
    const { erase, systemRandom } = await import('../../lib/crypto/index.ts')
    const { exportPublic, importIdentity } = await import('../../lib/identity/index.ts')
    refuseKeyAsArgument(args.source)
    const input = await readInput(args.source, { maxBytes: MAX_INPUT_BYTES })
    const identity = importIdentity(input, systemRandom, systemClock)
    erase(input)
    const file = await writeNewKey(identity, flags, this.signal)
    const shown = exportPublic(identity)
    this.out.answer(keyDocument(shown, file), () => keyText(shown, file))
  }
}
