import { AivCommand, Args, Flags } from '../../lib/cli/index.ts'
import type { BomDiff } from '../../lib/lint/diff/index.ts'
import type { Component } from '../../lib/lint/index.ts'

const ANY = ['added', 'removed', 'changed'] as const
const FIELDS = ['version', 'name', 'purl', 'license', 'hash', 'scope', 'supplier', 'dependencies'] as const

export default class LintDiff extends AivCommand {
  static override summary = 'say what is different between two bills of materials'
  static override description =
    `Compares components by package URL, whatever the formats and the tools that made the documents: what came, what
went, and of what stayed the version, the license, the content (hash), the scope, the supplier and the dependencies.
A folder or a lockfile in place of a document is read first, so that a document can be held against the project.
The exit code is 0 when nothing differs and 1 when something does, as with diff; --fail-on names what counts.`
  static override examples = [
    '<%= config.bin %> lint diff old.spdx.json new.cdx.json',
    '<%= config.bin %> lint diff old.spdx.json new.cdx.json --fail-on added --fail-on license --json',
    '<%= config.bin %> lint diff old.spdx.json .',
  ]
  static override args = {
    before: Args.string({ description: 'document, lockfile or folder; - is stdin', required: true }),
    after: Args.string({ description: 'the other one', required: true }),
  }
  static override flags = {
    'fail-on': Flags.string({
      summary: 'exit with 1 only for this',
      description: 'By default any difference counts. "none": the exit code is 0 whatever differs.',
      options: [...ANY, ...FIELDS, 'none'],
      multiple: true,
    }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(LintDiff)
    const { notePartial, readInventory, refuseSharedStdin } = await import(
      '../../lib/cli/lint/inventory-argument.ts'
    )
    refuseSharedStdin([args.before, args.after])
    const before = await readInventory(args.before)
    const after = await readInventory(args.after)
    const { diffBoms, labelOf } = await import('../../lib/lint/diff/index.ts')
    const { diffLines } = await import('../../lib/cli/lint/diff-text.ts')
    const diff = diffBoms(before.bom, after.bom)
    this.out.answer(documentOf(diff), () => diffLines(diff, labelOf).join('\n'))
    const partial = [before, after].map((inventory) => notePartial(inventory, this.out))
    if (counts(diff, flags['fail-on'])) this.exit(1)
    if (partial.includes(true)) this.exit(3)
  }
}

function documentOf({ added, removed, changed }: BomDiff): Readonly<Record<string, unknown>> {
  return {
    added: added.map(shortOf),
    removed: removed.map(shortOf),
    changed: changed.map(({ before, after, changes }) => ({
      before: shortOf(before),
      after: shortOf(after),
      changes: changes.map((change) => ({
        ...change,
        before: change.before ?? null,
        after: change.after ?? null,
      })),
    })),
    summary: { added: added.length, removed: removed.length, changed: changed.length },
  }
}

function shortOf({ ref, name, version, purl }: Component): object {
  return { ref, name, version: version ?? null, purl: purl ?? null }
}

function counts({ added, removed, changed }: BomDiff, failOn: readonly string[] = ANY): boolean {
  return (
    (failOn.includes('added') && added.length > 0) ||
    (failOn.includes('removed') && removed.length > 0) ||
    changed.some(
      ({ changes }) => failOn.includes('changed') || changes.some(({ field }) => failOn.includes(field)),
    )
  )
}
