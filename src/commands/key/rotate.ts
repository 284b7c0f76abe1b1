import { AivCommand, Args, passphraseFlags } from '../../lib/cli/index.ts'

export default class KeyRotate extends AivCommand {
  static override summary = 'replace the Noise key of an identity'
  static override description =
    `Makes a new Noise key and a certificate for it under the same peer id. Peers that have seen the new certificate
refuse the old one, so restart what runs with this identity and hand out the new address.`
  static override examples = [
    '<%= config.bin %> key rotate alice.json',
    '<%= config.bin %> key rotate alice.json --json',
  ]
  static override args = {
    file: Args.string({ description: 'identity file (default identity.json in the config folder)' }),
  }
  static override flags = passphraseFlags

  async run(): Promise<void> {
    const { args, flags } = await this.parse(KeyRotate)
    const { defaultKeyFile, keyDocument, keyText, passphraseOf } = await import(
      '../../lib/cli/key/key-files.ts'
    )
    const { systemClock } = await import('../../lib/core/index.ts')
    const { erase, systemRandom } = await import('../../lib/crypto/index.ts')
    const { exportPublic, rotateIdentity, updateIdentity } = await import('../../lib/identity/index.ts')
    const path = args.file ?? defaultKeyFile()
    const passphrase = await passphraseOf(path, flags, this.signal)
    const rotated = await updateIdentity(
      path,
      (identity) => rotateIdentity(identity, systemRandom, systemClock),
      { passphrase },
    )
    erase(passphrase)
    const file = { path, encrypted: passphrase !== undefined }
    const shown = exportPublic(rotated)
    this.out.answer(keyDocument(shown, file), () => keyText(shown, file))
    this.out.note('Restart what runs with this identity, and hand out the new address.')
  }
}
