import { AivCommand, Args } from '../../lib/cli/index.ts'

export default class MixTopology extends AivCommand {
  static override summary = 'show the layers of a mix network and check how they were drawn'
  static override description =
    `Prints the nodes of each layer with their share of the traffic. Where the directory says how many nodes mix, it checks the
proof of each node and draws again; the exit code is 1 when a node stands where its proof does not put it. A node without
a proof that holds does not mix.`
  static override examples = [
    '<%= config.bin %> mix topology network.json',
    '<%= config.bin %> mix topology network.json --json',
  ]
  static override args = {
    directory: Args.string({ description: 'directory; stdin when it is - or absent' }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(MixTopology)
    const { readDirectory } = await import('../../lib/cli/mix/directory/files.ts')
    const { layerFields, topologyText } = await import('../../lib/cli/mix/directory/topology-text.ts')
    const { loadEcvrf } = await import('../../lib/crypto/index.ts')
    const { topologyProblems } = await import('../../lib/mix/index.ts')
    const directory = await readDirectory(args.directory)
    const problems = topologyProblems(await loadEcvrf(), directory)
    const { epoch, topology } = directory
    const document = {
      valid: problems.length === 0,
      epoch,
      active: topology.active,
      layers: layerFields(directory),
      problems,
    }
    this.out.answer(document, () => topologyText(directory, problems))
    if (problems.length > 0) this.exit(1)
  }
}
