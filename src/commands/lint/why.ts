import { AivCommand, Args, Flags } from '../../lib/cli/index.ts'
import { AivError } from '../../lib/core/index.ts'

export default class LintWhy extends AivCommand {
  static override summary = 'say how a component got in: the paths of dependencies that lead to it'
  static override description =
    `Prints every path from what the document is about to the component, shortest first. The component is a package URL,
with or without a version, a name, or NAME@VERSION; what is left open may be anything. Without a document the current
folder is read, or a document on stdin. The exit code is 1 when there is no such component.`
  static override examples = [
    '<%= config.bin %> lint why ms new.cdx.json',
    '<%= config.bin %> lint why pkg:npm/ms . --max-paths 3 --json',
  ]
  static override args = {
    component: Args.string({ description: 'package URL or name', required: true }),
    path: Args.string({ description: 'document, lockfile or folder; - is stdin' }),
  }
  static override flags = {
    'max-paths': Flags.integer({ summary: 'paths of one component', default: 20, min: 1, max: 10_000 }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(LintWhy)
    const { notePartial, readInventory } = await import('../../lib/cli/lint/inventory-argument.ts')
    const inventory = await readInventory(args.path)
    const { bom } = inventory
    const { dependencyPaths, findComponents } = await import('../../lib/lint/graph/index.ts')
    const partial = notePartial(inventory, this.out)
    const found = findComponents(bom, args.component).map((component) => ({
      component,
      ...dependencyPaths(bom, component.ref, { maxPaths: flags['max-paths'] }),
    }))
    if (found.length === 0 && partial)
      throw new AivError(
        'E_IO',
        `${args.component} is not in ${inventory.name}, of which a part could not be read`,
      )
    const { whyLines } = await import('../../lib/cli/lint/why-text.ts')
    const components = found.map(({ component: { ref, name, version, purl, scope }, paths, more }) => ({
      component: { ref, name, version: version ?? null, purl: purl ?? null, scope },
      paths,
      more,
    }))
    this.out.answer({ query: args.component, components }, () =>
      found.length === 0 ? `${args.component} is not in ${inventory.name}` : whyLines(bom, found).join('\n'),
    )
    if (found.length === 0) this.exit(1)
    if (partial) this.exit(3)
  }
}
