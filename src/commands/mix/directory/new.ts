import { AivCommand, Args, Flags } from '../../../lib/cli/index.ts'
import { assembleFlags } from '../../../lib/cli/mix/directory/assemble.ts'
import { toHex } from '../../../lib/core/index.ts'

export default class MixDirectoryNew extends AivCommand {
  static override summary = 'put descriptors together into a static directory'
  static override description =
    `For small networks that need no authorities: one file for all nodes and clients, valid for the present epoch. Mixes stand in
the layers in turn, in the order in which they are named. Whoever makes the file decides who is in it and in which layer, and
knows its random value beforehand: a network of strangers needs authorities.`
  static override examples = [
    '<%= config.bin %> mix directory new node1.json node2.json node3.json --epoch-length 30d --out my-network.json',
    '<%= config.bin %> mix directory new node1.json node2.json --layers 2 --epoch-length 30d --out my-network.json --json',
  ]
  static override args = {
    descriptor: Args.string({ description: 'descriptors of nodes', required: true, multiple: true }),
  }
  static override flags = {
    ...assembleFlags,
    out: Flags.string({ summary: 'new file to write', required: true, helpValue: 'FILE' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixDirectoryNew)
    const { readDescriptor, writeNewFile } = await import('../../../lib/cli/mix/directory/files.ts')
    const { assembleDirectory } = await import('../../../lib/cli/mix/directory/assemble.ts')
    const { directoryHash, directoryJson } = await import('../../../lib/mix/index.ts')
    const directory = assembleDirectory(await Promise.all(args.descriptor.map(readDescriptor)), flags)
    await writeNewFile(flags.out, directoryJson(directory))
    const { epoch, nodes, validUntil } = directory
    const hash = directoryHash(directory)
    this.out.answer(
      { file: flags.out, hash, epoch, nodes: nodes.length, valid_until: validUntil },
      toHex(hash),
    )
  }
}
