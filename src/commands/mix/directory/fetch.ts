import { AivCommand, Flags } from '../../../lib/cli/index.ts'

export default class MixDirectoryFetch extends AivCommand {
  static override summary = 'get the directory of a network from its authorities'
  static override description =
    `Asks the authorities one after the other and writes the first directory that holds: enough signatures, the right time,
descriptors that their nodes have signed, layers as the proofs give them. The exit code is 1 when none holds, 3 when none has
one.`
  static override examples = [
    '<%= config.bin %> mix directory fetch --network authorities.json --out network-now.json',
    '<%= config.bin %> mix directory fetch --network authorities.json --next --out network-next.json --json',
  ]
  static override flags = {
    network: Flags.file({ summary: 'file of the network', required: true, helpValue: 'FILE' }),
    next: Flags.boolean({ summary: 'the directory of the next epoch' }),
    out: Flags.string({ summary: 'file to write', required: true, helpValue: 'FILE' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(MixDirectoryFetch)
    const { writeOut } = await import('../../../lib/cli/index.ts')
    const { readNetwork } = await import('../../../lib/cli/mix/directory/network-files.ts')
    const { systemClock, unixSeconds } = await import('../../../lib/core/index.ts')
    const { loadEcvrf } = await import('../../../lib/crypto/index.ts')
    const { directoryHash, directoryJson, fetchDirectory } = await import('../../../lib/mix/index.ts')
    const network = await readNetwork(flags.network)
    const which = flags.next ? 'next' : 'current'
    const nowS = unixSeconds(systemClock)
    const directory = await fetchDirectory(await loadEcvrf(), network, which, nowS, this.signal)
    await writeOut(flags.out, `${directoryJson(directory)}\n`)
    const { epoch, nodes, validUntil } = directory
    const document = {
      file: flags.out,
      epoch,
      hash: directoryHash(directory),
      nodes: nodes.length,
      valid_until: validUntil,
    }
    this.out.answer(document, `epoch ${epoch}, ${nodes.length} nodes`)
  }
}
