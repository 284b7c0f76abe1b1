import { AivCommand, Args } from '../../../lib/cli/index.ts'
import { alphaFlag, vrfKeyFlags, vrfSuiteFlag } from '../../../lib/cli/mix/flags.ts'
import { toHex } from '../../../lib/core/index.ts'

export default class MixVrfProve extends AivCommand {
  static override summary = 'evaluate a verifiable random function and prove the result'
  static override description =
    `Prints the proof, 80 bytes in hexadecimal, for the bytes of a file, of stdin, or of --alpha. Who has the public key can
verify it and gets the output, which nobody could choose: there is one for each key and input. The key is the VRF key of an
identity, or a seed. --json adds the output and the public key.`
  static override examples = [
    '<%= config.bin %> mix vrf prove --key alice.json --alpha af82',
    'printf %s "round 7" | <%= config.bin %> mix vrf prove --key alice.json --suite ell2 --json',
  ]
  static override args = {
    file: Args.string({ description: 'the input; stdin when it is - or absent' }),
  }
  static override flags = { ...vrfKeyFlags, ...vrfSuiteFlag, ...alphaFlag }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixVrfProve)
    const { readVrfInput } = await import('../../../lib/cli/mix/vrf-input.ts')
    const { readVrfSeed } = await import('../../../lib/cli/mix/vrf-key.ts')
    const { erase, loadEcvrf } = await import('../../../lib/crypto/index.ts')
    const alpha = await readVrfInput(args.file, flags.alpha)
    const [seed, ecvrf] = [await readVrfSeed(flags, this.logger, this.signal), await loadEcvrf()]
    try {
      const proof = ecvrf.prove(flags.suite, seed, alpha)
      const [output, publicKey] = [ecvrf.proofToHash(flags.suite, proof), ecvrf.publicKey(seed)]
      this.out.answer({ suite: flags.suite, public_key: publicKey, proof, output }, toHex(proof))
    } finally {
      erase(seed)
    }
  }
}
