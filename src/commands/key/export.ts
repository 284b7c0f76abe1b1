import { AivCommand, Args, Flags, passphraseFlags } from '../../lib/cli/index.ts'

export default class KeyExport extends AivCommand {
  static override summary = 'write an identity as a JSON document'
  static override description =
    `Writes the public keys and the certificate, and with --secret the secret keys as well, unencrypted: whoever has
that document is this peer. "key import" reads it back.`
  static override examples = [
    '<%= config.bin %> key export alice.json > alice.public.json',
    '<%= config.bin %> key export alice.json --secret --out alice.backup.json',
  ]
  static override args = {
    file: Args.string({ description: 'identity file (default identity.json in the config folder)' }),
  }
  static override flags = {
    ...passphraseFlags,
    secret: Flags.boolean({ summary: 'include the secret keys, unencrypted' }),
    out: Flags.file({ summary: 'new file for the document, for its owner only (default stdout)' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(KeyExport)
    const { defaultKeyFile, exportDocument, writeDocument } = await import('../../lib/cli/key/key-files.ts')
    const path = args.file ?? defaultKeyFile()
    const document = await exportDocument(path, flags, this.signal)
    const text = JSON.stringify(document, null, 2)
    if (flags.out === undefined) {
      this.out.answer({ ...document }, text)
      return
    }
    await writeDocument(flags.out, text)
    this.out.answer({ peer: document.peer, file: flags.out }, `wrote ${flags.out}`)
  }
}
