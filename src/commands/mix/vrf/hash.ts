import { AivCommand, Args } from '../../../lib/cli/index.ts'
import { vrfSuiteFlag } from '../../../lib/cli/mix/flags.ts'
import { AivError, toHex } from '../../../lib/core/index.ts'

export default class MixVrfHash extends AivCommand {
  static override summary = 'print the output that a proof claims'
  static override description =
    `Takes the 64 bytes of output out of a proof without verifying it: for your own proofs, or for those that
\`aiv mix vrf verify\` has accepted. The exit code is 1 when it has not the form of a proof.`
  static override examples = [
    '<%= config.bin %> mix vrf hash "$PROOF"',
    '<%= config.bin %> mix vrf hash "$PROOF" --json',
  ]
  static override args = {
    proof: Args.string({ description: '80 bytes in hexadecimal', required: true }),
  }
  static override flags = { ...vrfSuiteFlag }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixVrfHash)
    const { parseHexValue } = await import('../../../lib/cli/mix/hex-value.ts')
    const { loadEcvrf } = await import('../../../lib/crypto/index.ts')
    const proof = parseHexValue(args.proof, 'the proof')
    const output = (await loadEcvrf()).proofToHash(flags.suite, proof)
    if (output === undefined) throw new AivError('E_CRYPTO', 'these bytes have not the form of a proof')
    this.out.answer({ suite: flags.suite, output }, toHex(output))
  }
}
