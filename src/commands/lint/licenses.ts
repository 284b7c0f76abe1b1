import { AivCommand, Args, Flags } from '../../lib/cli/index.ts'

export default class LintLicenses extends AivCommand {
  static override summary = 'list the licenses of all components and hold them against a policy'
  static override description =
    `Without --allow and --deny the licenses are listed. --allow names the licenses that may be used, --deny those that
may not: SPDX identifiers, with exceptions (WITH) and versions ("GPL-2.0-or-later"). Of "MIT OR GPL-3.0-only" one side
has to be accepted, of AND both; former identifiers are taken for those of today (GPL-2.0 is GPL-2.0-only). A denied
license is denied with every exception, unless that very combination is allowed. A component without a license, or
with one that is no SPDX expression, is unknown: that counts as a violation, unless --unknown says otherwise.
--except lets one package pass, and needs a reason. The component that the document is about is not judged.
The exit code is 1 when a component violates the policy.`
  static override examples = [
    '<%= config.bin %> lint licenses new.cdx.json',
    '<%= config.bin %> lint licenses new.cdx.json --allow "MIT OR Apache-2.0" --allow ISC',
    '<%= config.bin %> lint licenses . --deny GPL-3.0-or-later --unknown ignore --json',
    '<%= config.bin %> lint licenses new.cdx.json --allow ISC --except "pkg:npm/ms@2.1.2 agreed with our lawyers"',
  ]
  static override args = {
    path: Args.string({ description: 'document, lockfile or folder; - is stdin' }),
  }
  static override flags = {
    allow: Flags.string({
      summary: 'license that may be used; may be repeated',
      multiple: true,
      helpValue: 'LICENSE',
    }),
    deny: Flags.string({
      summary: 'license that may not be used; may be repeated',
      multiple: true,
      helpValue: 'LICENSE',
    }),
    except: Flags.string({
      summary: 'package that may be used all the same, and why; may be repeated',
      multiple: true,
      helpValue: '"PURL REASON"',
    }),
    unknown: Flags.string({
      summary: 'what a component without a usable license is',
      description: 'The default is "fail" where --allow or --deny is given, else "ignore".',
      options: ['fail', 'ignore'],
    }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(LintLicenses)
    const { checkLicenses, licensePolicy, parseException } = await import('../../lib/lint/licenses/index.ts')
    const policy = licensePolicy(flags.allow ?? [], flags.deny ?? [])
    const exceptions = (flags.except ?? []).map(parseException)
    const { notePartial, readInventory } = await import('../../lib/cli/lint/inventory-argument.ts')
    const inventory = await readInventory(args.path)
    const { licenseJson, licenseLines } = await import('../../lib/cli/lint/license-text.ts')
    const report = checkLicenses(inventory.bom, policy, exceptions)
    const hasPolicy = policy.allow.length + policy.deny.length > 0
    const unknownFails = flags.unknown === undefined ? hasPolicy : flags.unknown === 'fail'
    const violations = report.judged.filter(
      ({ verdict }) => verdict === 'refused' || (verdict === 'unknown' && unknownFails),
    )
    this.out.answer(licenseJson(report, violations.length), () => licenseLines(report, violations).join('\n'))
    for (const { purl } of report.unused) this.out.note(`warning: nothing needs the exception for ${purl}`)
    const partial = notePartial(inventory, this.out)
    if (violations.length > 0) this.exit(1)
    if (partial) this.exit(3)
  }
}
