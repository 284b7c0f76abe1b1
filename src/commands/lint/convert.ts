import { AivCommand, Args, Flags } from '../../lib/cli/index.ts'
import {
  DOCUMENT_OUTPUT_FLAGS,
  documentOnStdout,
  outputTargets,
} from '../../lib/cli/lint/document-outputs.ts'

export default class LintConvert extends AivCommand {
  static override summary = 'write a bill of materials in another format'
  static override description =
    `Reads SPDX 2.2 and 2.3 (JSON, tag-value), SPDX 3.0 (JSON-LD) and CycloneDX 1.2 to 1.7 (JSON), of any tool. What the
new format has no field for is written as CycloneDX properties or SPDX annotations, so that converting back loses
nothing. The same document gives the same bytes. Defects are told on stderr, and what can be read is written all the
same, unless --strict. A signature is not carried over. With --output the document goes to files, and --json then says
on stdout what was written.`
  static override examples = [
    '<%= config.bin %> lint convert new.cdx.json > new.spdx.json',
    '<%= config.bin %> lint convert old.spdx.json --format cdx-json@1.7 --strict',
    '<%= config.bin %> lint convert new.cdx.json --output spdx-tv=new.spdx --output spdx3-json=new.spdx3.json --json',
  ]
  static override args = {
    document: Args.string({ description: 'the document; stdin when it is - or absent' }),
  }
  static override flags = {
    ...DOCUMENT_OUTPUT_FLAGS,
    strict: Flags.boolean({
      summary: 'write nothing, and end with exit code 1, when the document has defects',
    }),
  }

  static override dataOnStdout = documentOnStdout

  async run(): Promise<void> {
    const { args, flags } = await this.parse(LintConvert)
    const { convertDocument } = await import('../../lib/cli/lint/convert.ts')
    const targets = outputTargets(flags.format, flags.output)
    const tool = { name: 'aiv', version: this.config.version, vendor: 'aivillage' }
    const options = { targets, strict: flags.strict, tool }
    if (!(await convertDocument(args.document, options, this.out))) this.exit(1)
  }
}
