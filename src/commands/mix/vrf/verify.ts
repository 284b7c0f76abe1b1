import { AivCommand, Args, Flags } from '../../../lib/cli/index.ts'
import { alphaFlag, vrfSuiteFlag } from '../../../lib/cli/mix/flags.ts'
import { toHex } from '../../../lib/core/index.ts'

export default class MixVrfVerify extends AivCommand {
  static override summary = 'verify a proof of a verifiable random function'
  static override description =
    `Says whether the proof is of this public key and input, and prints the output, 64 bytes in hexadecimal. The exit code is
1 when it is not. Keys and proofs with a part of low order, and numbers that are not reduced, are refused.`
  static override examples = [
    '<%= config.bin %> mix vrf verify "$PROOF" --public "$KEY" --alpha af82',
    '<%= config.bin %> mix vrf verify "$PROOF" --public "$KEY" input.bin --json',
  ]
  static override args = {
    proof: Args.string({ description: '80 bytes in hexadecimal', required: true }),
    file: Args.string({ description: 'the input; stdin when it is - or absent' }),
  }
  static override flags = {
    ...vrfSuiteFlag,
    ...alphaFlag,
    public: Flags.string({ summary: 'public key in hexadecimal', required: true, helpValue: 'KEY' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixVrfVerify)
    const { parseHexValue } = await import('../../../lib/cli/mix/hex-value.ts')
    const { readVrfInput } = await import('../../../lib/cli/mix/vrf-input.ts')
    const { loadEcvrf } = await import('../../../lib/crypto/index.ts')
    const proof = parseHexValue(args.proof, 'the proof')
    const publicKey = parseHexValue(flags.public, '--public')
    const alpha = await readVrfInput(args.file, flags.alpha)
    const output = (await loadEcvrf()).verify(flags.suite, publicKey, alpha, proof)
    const valid = output !== undefined
    this.out.answer({ valid, suite: flags.suite, output: output ?? null }, () =>
      valid ? `valid\n${toHex(output)}` : 'not valid: no proof of this key for this input',
    )
    if (!valid) this.exit(1)
  }
}
