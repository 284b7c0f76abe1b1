import { AivCommand, Args } from '../../../lib/cli/index.ts'

export default class UtlsTemplateShow extends AivCommand {
  static override summary = 'print one template'
  static override description =
    `With --json the template itself, in the form that \`aiv utls hello --template FILE\` reads and \`aiv utls template
capture\` writes: numbers of registries as four hexadecimal digits, GREASE where a value of RFC 8701 is drawn.`
  static override examples = [
    '<%= config.bin %> utls template show chrome-154',
    '<%= config.bin %> utls template show firefox-153 --json',
  ]
  static override args = {
    template: Args.string({
      description: 'name of a template, or a file that ends in .json',
      required: true,
    }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(UtlsTemplateShow)
    const { namedTemplate } = await import('../../../lib/cli/utls/choose-template.ts')
    const template = await namedTemplate(args.template)
    const { templateDocument } = await import('../../../lib/tls/index.ts')
    const { templateText } = await import('../../../lib/cli/utls/template-text.ts')
    this.out.answer({ ...templateDocument(template) }, () => templateText(template))
  }
}
