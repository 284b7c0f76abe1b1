import { AivCommand, Flags } from '../../../lib/cli/index.ts'
import { descriptorFlags } from '../../../lib/cli/mix/directory/descriptor.ts'
import { vrfKeyFlags } from '../../../lib/cli/mix/flags.ts'
import { toHex } from '../../../lib/core/index.ts'

export default class MixDescriptorNew extends AivCommand {
  static override summary = 'make the signed descriptor of a node'
  static override description =
    `Writes what a node says of itself, signed by its identity: keys, addresses, weight, operator. A directory lists it. A node
that runs publishes its own; this is for static directories and for tests. The id of the node follows from its identity.`
  static override examples = [
    '<%= config.bin %> mix descriptor new --key alice.json --mix-key "$MIXKEY" --address tcp://127.0.0.1:9001 --out node.json',
    '<%= config.bin %> mix descriptor new --key alice.json --mix-key "$MIXKEY" --address tcp://127.0.0.1:9001 --family north --weight 10 --out node.json --json',
  ]
  static override flags = {
    ...vrfKeyFlags,
    key: Flags.file({
      summary: 'identity file (default identity.json in the config folder)',
      helpValue: 'FILE',
    }),
    ...descriptorFlags,
    out: Flags.string({ summary: 'new file to write', required: true, helpValue: 'FILE' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(MixDescriptorNew)
    const { openSigner, writeNewFile } = await import('../../../lib/cli/mix/directory/files.ts')
    const { newDescriptor } = await import('../../../lib/cli/mix/directory/descriptor.ts')
    const { eraseIdentity } = await import('../../../lib/identity/index.ts')
    const { descriptorJson } = await import('../../../lib/mix/index.ts')
    const identity = await openSigner(flags, this.signal)
    const descriptor = newDescriptor(flags, identity)
    eraseIdentity(identity)
    await writeNewFile(flags.out, descriptorJson(descriptor))
    const { id, validUntil } = descriptor
    this.out.answer({ file: flags.out, id, valid_until: validUntil }, toHex(id))
  }
}
