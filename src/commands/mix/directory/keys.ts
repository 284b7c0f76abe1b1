import { AivCommand, Flags } from '../../../lib/cli/index.ts'
import { vrfKeyFlags } from '../../../lib/cli/mix/flags.ts'
import { toHex } from '../../../lib/core/index.ts'

export default class MixDirectoryKeys extends AivCommand {
  static override summary = 'print the public keys of an authority'
  static override description =
    `An authority signs with its identity, and receives its shares of the others' secrets with a second key that follows from it.
The others need both, and where to reach it: \`aiv mix directory network\` puts them together.`
  static override examples = [
    '<%= config.bin %> mix directory keys --key alice.json --url http://127.0.0.1:9100',
    '<%= config.bin %> mix directory keys --key alice.json --url http://127.0.0.1:9100 --json > alice.keys.json',
  ]
  static override flags = {
    ...vrfKeyFlags,
    key: Flags.file({
      summary: 'identity file (default identity.json in the config folder)',
      helpValue: 'FILE',
    }),
    url: Flags.string({
      summary: 'where it will be reached, http:// or https://',
      required: true,
      helpValue: 'URL',
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(MixDirectoryKeys)
    const { openSigner } = await import('../../../lib/cli/mix/directory/files.ts')
    const { loadPvss } = await import('../../../lib/crypto/index.ts')
    const { eraseIdentity } = await import('../../../lib/identity/index.ts')
    const { authorityKeys } = await import('../../../lib/mix/index.ts')
    const identity = await openSigner(flags, this.signal)
    const { identityKey, sharingKey } = authorityKeys(await loadPvss(), identity.sign)
    eraseIdentity(identity)
    this.out.answer(
      { identity_key: identityKey, sharing_key: sharingKey, url: flags.url },
      `identity  ${toHex(identityKey)}\nsharing   ${toHex(sharingKey)}\nurl       ${flags.url}`,
    )
  }
}
