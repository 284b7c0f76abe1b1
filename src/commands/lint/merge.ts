import { AivCommand, Args, Flags } from '../../lib/cli/index.ts'
import {
  DOCUMENT_OUTPUT_FLAGS,
  documentOnStdout,
  outputTargets,
} from '../../lib/cli/lint/document-outputs.ts'

export default class LintMerge extends AivCommand {
  static override summary = 'make one bill of materials of several'
  static override description =
    `Components are one where their package URLs are; hashes, places and dependencies are kept from all documents. Where
two say different things of one component, one is kept in its place, the other in a property, and a note says so. The
result does not depend on the order of the documents, and merging it again changes nothing. With --name a new component
depends on what the documents are about. Signatures do not survive. The answer of --json goes to stderr, unless
--output takes the document to files.`
  static override examples = [
    '<%= config.bin %> lint merge old.spdx.json new.cdx.json > all.spdx.json',
    '<%= config.bin %> lint merge old.spdx.json new.cdx.json --name product --component-version 1.0.0 --format cdx-json',
    '<%= config.bin %> lint merge old.spdx.json new.cdx.json --output spdx-tv=all.spdx --output cdx-json=all.cdx.json',
  ]
  static override args = {
    document: Args.string({
      description: 'documents, lockfiles or folders; - is stdin',
      required: true,
      multiple: true,
    }),
  }
  static override flags = {
    ...DOCUMENT_OUTPUT_FLAGS,
    name: Flags.string({ summary: 'name of a new component that depends on those of the documents' }),
    'component-version': Flags.string({ summary: 'version of the new component', dependsOn: ['name'] }),
  }

  static override dataOnStdout = documentOnStdout

  async run(): Promise<void> {
    const { args, flags } = await this.parse(LintMerge)
    const { mergeDocuments } = await import('../../lib/cli/lint/merge-documents.ts')
    const targets = outputTargets(flags.format, flags.output)
    const tool = { name: 'aiv', version: this.config.version, vendor: 'aivillage' }
    const options = { targets, name: flags.name, version: flags['component-version'], tool }
    if (await mergeDocuments(args.document, options, this.out)) this.exit(3)
  }
}
