import { AivCommand, Args } from '../../../lib/cli/index.ts'

export default class UtlsTemplateDiff extends AivCommand {
  static override summary = 'say what two templates do differently'
  static override description = 'The exit code is 0 when their hellos are the same, and 1 when they differ.'
  static override examples = [
    '<%= config.bin %> utls template diff chrome-152 chrome-154',
    '<%= config.bin %> utls template diff chrome-133 chrome-150 --json',
  ]
  static override args = {
    left: Args.string({ description: 'name of a template, or a file that ends in .json', required: true }),
    right: Args.string({ description: 'the other one', required: true }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(UtlsTemplateDiff)
    const { namedTemplate } = await import('../../../lib/cli/utls/choose-template.ts')
    const [left, right] = [await namedTemplate(args.left), await namedTemplate(args.right)]
    const { diffTemplates } = await import('../../../lib/tls/index.ts')
    const { differencesText } = await import('../../../lib/cli/utls/template-text.ts')
    const differences = diffTemplates(left, right)
    const document = {
      left: left.id,
      right: right.id,
      differences: differences.map((each) => ({
        ...each,
        left: each.left ?? null,
        right: each.right ?? null,
      })),
    }
    this.out.answer(document, () =>
      differences.length === 0 ? `${left.id} and ${right.id} are the same` : differencesText(differences),
    )
    if (differences.length > 0) this.exit(1)
  }
}
