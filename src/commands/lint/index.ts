import { AivCommand, Args } from '../../lib/cli/index.ts'
import { LINT_FLAGS } from '../../lib/cli/lint/flags.ts'

export default class Lint extends AivCommand {
  static override summary = 'check bills of materials, and the lockfiles that they come from'
  static override description =
    `Looks for bills of materials (SPDX 2.2 to 3.0.1, CycloneDX 1.2 to 1.7) and lockfiles in
the folders named, by default in this one, and judges them by the rules that \`aiv lint rules\` lists. A document that
names the project it lies in is compared with the lockfiles. Nothing is run and no network is asked; only
\`--changed-since\` runs git. Exit code: 0 clean; 1 findings from --fail-on on; 2 wrong usage or unreadable input; 3 an
incomplete run.`
  static override examples = [
    '<%= config.bin %> lint',
    '<%= config.bin %> lint sbom.cdx.json --project . --fail-on never',
    '<%= config.bin %> lint . --output sarif=lint.sarif --output junit=lint.xml --quiet',
    '<%= config.bin %> lint - --stdin-filename sbom.spdx.json < sbom.spdx.json',
    '<%= config.bin %> lint --baseline lint-baseline.json --baseline-create',
  ]
  static override args = {
    path: Args.string({ description: 'files and folders; - is stdin; default .', multiple: true }),
  }
  static override flags = LINT_FLAGS

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Lint)
    const paths = args.path === undefined || args.path.length === 0 ? ['.'] : args.path
    const { printLint } = await import('../../lib/cli/lint/print-lint.ts')
    const options = { paths, flags, toolVersion: this.config.version, out: this.out }
    if (flags.watch) {
      const { watchLint } = await import('../../lib/cli/lint/watch-lint.ts')
      await watchLint(options, this.signal)
    } else this.exit(await printLint(options))
  }
}
