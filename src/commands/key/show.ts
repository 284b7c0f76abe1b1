import { AivCommand, Args } from '../../lib/cli/index.ts'

export default class KeyShow extends AivCommand {
  static override summary = 'show the public part of an identity'
  static override description =
    `Prints the peer id, the public keys and how long the certificate is valid. It needs no passphrase. --json adds
the certificate and the long key.`
  static override examples = ['<%= config.bin %> key show', '<%= config.bin %> key show alice.json --json']
  static override args = {
    file: Args.string({ description: 'identity file (default identity.json in the config folder)' }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(KeyShow)
    const { defaultKeyFile, keyDocument, keyText } = await import('../../lib/cli/key/key-files.ts')
    const { readIdentityInfo } = await import('../../lib/identity/index.ts')
    const path = args.file ?? defaultKeyFile()
    const { identity, encrypted } = await readIdentityInfo(path)
    const file = { path, encrypted }
    this.out.answer(keyDocument(identity, file), () => keyText(identity, file))
  }
}
