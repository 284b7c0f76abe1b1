import { AivCommand } from '../../lib/cli/index.ts'
import { newFileFlags } from '../../lib/cli/key/flags.ts'

export default class KeyNew extends AivCommand {
  static override summary = 'make a new identity'
  static override description =
    `Makes a signing key, whose public part names the peer, and keys for Noise, for verifiable randomness and for
key encapsulation, and ties the Noise key to the name with a certificate of 90 days. The file is for its owner
only. With a passphrase (--passphrase-file, AIV_PASSPHRASE or the question of --passphrase) it is encrypted.`
  static override examples = [
    '<%= config.bin %> key new',
    '<%= config.bin %> key new --out alice.json --passphrase-file passphrase.txt --kdf scrypt --json',
  ]
  static override flags = newFileFlags

  async run(): Promise<void> {
    const { flags } = await this.parse(KeyNew)
    const { keyDocument, keyText, writeNewKey } = await import('../../lib/cli/key/key-files.ts')
    const { systemClock } = await import('../../lib/core/index.ts')
    const { systemRandom } = await import('../../lib/crypto/index.ts')
    const { createIdentity, exportPublic } = await import('../../lib/identity/index.ts')
    const identity = createIdentity(systemRandom, systemClock)
    const file = await writeNewKey(identity, flags, this.signal)
    const shown = exportPublic(identity)
    this.out.answer(keyDocument(shown, file), () => keyText(shown, file))
  }
}
