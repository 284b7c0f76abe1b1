import { AivCommand, Args } from '../../../lib/cli/index.ts'
import { trustFlags } from '../../../lib/cli/mix/directory/trust.ts'
import { toHex } from '../../../lib/core/index.ts'

export default class MixDirectoryVerify extends AivCommand {
  static override summary = 'check the signatures, times and proofs of a directory'
  static override description =
    `Says whether enough of the named authorities have signed the directory, whether it is valid now, whether every node has
signed its own descriptor and has a key for the epoch, and whether the layers are those that the proofs of the nodes give.
The exit code is 1 when anything is wrong; everything that is wrong is listed.`
  static override examples = [
    '<%= config.bin %> mix directory verify network.json --authority "$AUTHORITY"',
    '<%= config.bin %> mix directory verify network.json --unsigned --json',
  ]
  static override args = {
    directory: Args.string({ description: 'directory; stdin when it is - or absent' }),
  }
  static override flags = { ...trustFlags }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixDirectoryVerify)
    const { readDirectory } = await import('../../../lib/cli/mix/directory/files.ts')
    const { judgeDirectory } = await import('../../../lib/cli/mix/directory/trust.ts')
    const { loadEcvrf } = await import('../../../lib/crypto/index.ts')
    const { directoryHash, topologyProblems } = await import('../../../lib/mix/index.ts')
    const directory = await readDirectory(args.directory)
    const verdict = judgeDirectory(directory, flags)
    const problems = [...verdict.problems, ...topologyProblems(await loadEcvrf(), directory)]
    const [valid, hash] = [problems.length === 0, directoryHash(directory)]
    const { epoch, nodes } = directory
    this.out.answer({ valid, hash, epoch, nodes: nodes.length, signers: verdict.signers, problems }, () =>
      valid
        ? [
            `valid for epoch ${epoch}, ${nodes.length} nodes`,
            ...verdict.signers.map((key) => `signed by ${toHex(key)}`),
          ].join('\n')
        : ['not valid', ...problems.map((problem) => `  ${problem}`)].join('\n'),
    )
    if (!valid) this.exit(1)
  }
}
