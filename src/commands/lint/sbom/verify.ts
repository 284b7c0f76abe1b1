import { AivCommand, Args, Flags } from '../../../lib/cli/index.ts'
import type { Verification } from '../../../lib/lint/sign/index.ts'

export default class LintSbomVerify extends AivCommand {
  static override summary = 'verify who signed a bill of materials'
  static override description =
    `Takes a CycloneDX document that is signed inside (JSF), a DSSE envelope, or a document whose envelope lies beside it
as FILE.dsse.json. Signatures are those of Ed25519 keys; \`aiv lint sbom --sign\` makes them. The exit code is 0 when the
signature holds and the key is one that --key names, else 1: anybody can sign with some key. --any-key asks only
whether the document is as it was signed, and prints by whom. --print writes the verified document to stdout, so that
the next command reads the very bytes that were verified.`
  static override examples = [
    '<%= config.bin %> lint sbom verify bom.cdx.json --key alice.json',
    '<%= config.bin %> lint sbom verify bom.spdx.json --key alice.json --json',
    '<%= config.bin %> lint sbom verify bom.spdx.json.dsse.json --any-key --print > verified.spdx.json',
  ]
  static override args = {
    file: Args.string({ description: 'signed document or envelope; - for stdin', required: true }),
  }
  static override flags = {
    key: Flags.string({
      summary:
        'whose signature is trusted: peer id, identity file, or public key as PEM or JWK; may be repeated',
      multiple: true,
      helpValue: 'PEER|FILE',
    }),
    'any-key': Flags.boolean({ summary: 'do not ask whose key it is', exclusive: ['key'] }),
    envelope: Flags.string({ summary: 'DSSE envelope of the document', helpValue: 'FILE' }),
    print: Flags.boolean({ summary: 'write the verified document to stdout, and the answer to stderr' }),
  }

  static override dataOnStdout = ['--print']

  async run(): Promise<void> {
    const { args, flags } = await this.parse(LintSbomVerify)
    const { verifySigned } = await import('../../../lib/cli/lint/verify-signed.ts')
    const { verification, envelope } = await verifySigned(args.file, flags.envelope, flags.key ?? [])
    const accepted = verification.valid && (verification.trusted || flags['any-key'])
    if (accepted && flags.print) process.stdout.write(verification.document ?? '')
    const { kind, valid, trusted, signer } = verification
    const reason = accepted ? undefined : this.#reason(verification, flags.key)
    this.out.answer(
      { file: args.file, envelope, signature: kind, valid, trusted, signer, reason },
      `${args.file}: ${accepted ? 'good' : 'NOT VERIFIED'}${signer === undefined ? '' : `, key of ${signer}`}` +
        (reason === undefined ? '' : `\n  ${reason}`),
    )
    if (!accepted) this.exit(1)
  }

  #reason({ valid, trusted, reason }: Verification, keys: readonly string[] | undefined): string | undefined {
    if (!valid || trusted || keys !== undefined) return reason
    return 'the signature holds, but nobody vouches for the key: name it with --key, or accept any with --any-key'
  }
}
