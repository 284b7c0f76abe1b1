import { AivCommand, Args, Flags } from '../../../lib/cli/index.ts'
import { constraintFlag } from '../../../lib/cli/mix/path-claim.ts'
import { toHex } from '../../../lib/core/index.ts'

export default class MixPathVerify extends AivCommand {
  static override summary = 'check that a path was chosen by nobody'
  static override description =
    `Reads what \`aiv mix path new --counter N --json\` printed and draws the path again from its proof and the directory. --public
is the key that the client registered before the random value of the epoch was known; without it the key of the claim is
believed, and the proof says little. The exit code is 1 when the path is another one.`
  static override examples = [
    '<%= config.bin %> mix path verify path.json --directory network.json --public "$KEY"',
    '<%= config.bin %> mix path verify path.json --directory network.json --json',
  ]
  static override args = {
    claim: Args.string({ description: 'the proven path; stdin when it is - or absent' }),
  }
  static override flags = {
    ...constraintFlag,
    directory: Flags.file({ summary: 'directory of the epoch', required: true, helpValue: 'FILE' }),
    public: Flags.string({ summary: 'VRF key of the client in hexadecimal', helpValue: 'KEY' }),
    hops: Flags.integer({ summary: 'mixes in the path; default one of each layer', min: 1 }),
    provider: Flags.string({ summary: 'id of the node at the end that was not drawn', helpValue: 'ID' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixPathVerify)
    const { nodeOf, readDirectory } = await import('../../../lib/cli/mix/directory/files.ts')
    const { parseHexValue } = await import('../../../lib/cli/mix/hex-value.ts')
    const { parseConstraints, readClaim } = await import('../../../lib/cli/mix/path-claim.ts')
    const { loadEcvrf } = await import('../../../lib/crypto/index.ts')
    const { pathProblem } = await import('../../../lib/mix/index.ts')
    const [directory, claim] = [await readDirectory(flags.directory), await readClaim(args.claim)]
    const publicKey =
      flags.public === undefined ? claim.publicKey : parseHexValue(flags.public, '--public', 32)
    const problem = pathProblem(
      await loadEcvrf(),
      directory,
      { ...claim, publicKey },
      {
        hops: flags.hops,
        constraints: parseConstraints(flags.distinct),
        besides: flags.provider === undefined ? [] : [nodeOf(directory, flags.provider)],
      },
    )
    const { epoch, counter, nodes } = claim
    this.out.answer({ valid: problem === undefined, epoch, counter, nodes, problem: problem ?? null }, () =>
      problem === undefined
        ? `valid: path ${counter} of epoch ${epoch}\n${nodes.map(toHex).join('\n')}`
        : `not valid: ${problem}`,
    )
    if (problem !== undefined) this.exit(1)
  }
}
