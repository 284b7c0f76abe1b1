import { AivCommand, Args, Flags } from '../../lib/cli/index.ts'
import { BOM_FORMATS } from '../../lib/lint/index.ts'

export default class LintMerge extends AivCommand {
  static override summary = 'make one bill of materials of several'
  static override description =
    `Components are one where their package URLs are; hashes, places and dependencies are kept from all documents. Where
two say different things of one component, one is kept in its place, the other in a property, and a note says so. The
result does not depend on the order of the documents, and merging it again changes nothing. With --name a new component
depends on what the documents are about. Signatures do not survive. With --json the answer goes to stderr.`
  static override examples = [
    '<%= config.bin %> lint merge old.spdx.json new.cdx.json > all.spdx.json',
    '<%= config.bin %> lint merge old.spdx.json new.cdx.json --name product --component-version 1.0.0 --format cdx-json',
  ]
  static override args = {
    document: Args.string({
      description: 'documents, lockfiles or folders; - is stdin',
      required: true,
      multiple: true,
    }),
  }
  static override flags = {
    format: Flags.string({ summary: 'format of the result', options: BOM_FORMATS, default: 'spdx-json' }),
    name: Flags.string({ summary: 'name of a new component that depends on those of the documents' }),
    'component-version': Flags.string({ summary: 'version of the new component', dependsOn: ['name'] }),
  }

  static override dataOnStdout = true

  async run(): Promise<void> {
    const { args, flags } = await this.parse(LintMerge)
    const { notePartial, readInventory } = await import('../../lib/cli/lint/inventory-argument.ts')
    const inventories = []
    for (const path of args.document) inventories.push(await readInventory(path))
    const { mergeBoms } = await import('../../lib/lint/merge/index.ts')
    const { writeBom } = await import('../../lib/lint/documents/index.ts')
    const { bom, conflicts } = mergeBoms(
      inventories.map((inventory) => inventory.bom),
      {
        name: flags.name,
        version: flags['component-version'],
        tools: [{ name: 'aiv', version: this.config.version, vendor: 'aivillage' }],
      },
    )
    const format = BOM_FORMATS.find((name) => name === flags.format) ?? 'spdx-json'
    process.stdout.write(await writeBom(bom, format))
    for (const { ref, field, values } of conflicts)
      this.out.note(`${ref}: the documents differ in the ${field}: ${values.join(', ')}`)
    if (this.out.isJson)
      this.out.json({ documents: args.document, components: bom.components.length, conflicts })
    if (inventories.map((inventory) => notePartial(inventory, this.out)).includes(true)) this.exit(3)
  }
}
