import { AivCommand, Args, Flags, passphraseFlags } from '../../../lib/cli/index.ts'
import { DOCUMENT_OUTPUT_FLAGS, documentOnStdout } from '../../../lib/cli/lint/document-outputs.ts'

export default class LintSbom extends AivCommand {
  static override summary = 'write a bill of materials of a folder, a lockfile or an executable'
  static override description =
    `Reads lockfiles, workflows and, where asked, executables. Nothing is run and no network is used. The same files
give the same bytes on every machine; the time in the document is SOURCE_DATE_EPOCH, else that of the checked-out
commit, else that of the newest file read.

The document goes to stdout; with --output to files instead, and --json then says on stdout what was written. A file
that cannot be read as what it is ends the run with exit code 2 and nothing written, unless --keep-going: then the rest
is written, marked as incomplete, with exit code 3.`
  static override examples = [
    '<%= config.bin %> lint sbom .',
    '<%= config.bin %> lint sbom . --format cdx-json --omit dev',
    '<%= config.bin %> lint sbom . --output spdx-json=sbom.spdx.json --output cdx-json=sbom.cdx.json --json',
  ]
  static override args = {
    path: Args.string({ description: 'folder, or one file', default: '.' }),
  }
  static override flags = {
    ...DOCUMENT_OUTPUT_FLAGS,
    name: Flags.string({ summary: 'name of what the document is about' }),
    'component-version': Flags.string({ summary: 'its version', helpValue: 'VERSION' }),
    author: Flags.string({
      summary: 'who makes the document; may be repeated',
      multiple: true,
      helpValue: '"Person: NAME <MAIL>"',
    }),
    supplier: Flags.string({ summary: 'who supplies the software', helpValue: '"Organization: NAME"' }),
    omit: Flags.option({
      options: ['dev', 'optional'] as const,
      summary: 'leave out what is there only for this; may be repeated',
      multiple: true,
    })(),
    exclude: Flags.string({
      summary: 'leave out paths; may be repeated',
      multiple: true,
      helpValue: 'GLOB',
    }),
    ecosystem: Flags.string({
      summary: 'read only this kind of file; may be repeated',
      multiple: true,
      helpValue: 'NAME',
    }),
    binaries: Flags.boolean({ summary: 'look into the executables of a folder too' }),
    'no-installed': Flags.boolean({ summary: 'do not look at installed packages for licenses and makers' }),
    'keep-going': Flags.boolean({ summary: 'write what could be read when a file could not' }),
    jobs: Flags.integer({
      char: 'j',
      summary: 'threads that read files; the result is the same',
      default: 1,
      min: 1,
      max: 64,
    }),
    sign: Flags.file({
      summary: 'identity file whose key signs: CycloneDX inside, others in FILE.dsse.json beside',
      helpValue: 'KEYFILE',
    }),
    ...passphraseFlags,
    'list-files': Flags.boolean({ summary: 'print which files are read, and end' }),
  }
  static override dataOnStdout = (argv: readonly string[]): boolean =>
    !argv.includes('--list-files') && documentOnStdout(argv)

  async run(): Promise<void> {
    const { args, flags } = await this.parse(LintSbom)
    if (flags['list-files']) {
      const { listFiles } = await import('../../../lib/cli/lint/sbom/list-files.ts')
      return await listFiles(this.out)
    }
    const { makeBillOfMaterials } = await import('../../../lib/cli/lint/sbom/make.ts')
    const context = { out: this.out, toolVersion: this.config.version, signal: this.signal }
    if (await makeBillOfMaterials(args.path, flags, context)) this.exit(3)
  }
}
