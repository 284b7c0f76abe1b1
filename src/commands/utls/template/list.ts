import { AivCommand } from '../../../lib/cli/index.ts'

export default class UtlsTemplateList extends AivCommand {
  static override summary = 'list the templates of browsers'
  static override description =
    `Each stands for a range of versions that send the same hello. Those of field trials are sent by some installations
only: \`aiv utls match\` knows them, \`aiv utls hello --chrome\` never picks them.`
  static override examples = [
    '<%= config.bin %> utls template list',
    '<%= config.bin %> utls template list --json',
  ]

  async run(): Promise<void> {
    await this.parse(UtlsTemplateList)
    const { templates } = await import('../../../lib/tls/index.ts')
    const { templateTable } = await import('../../../lib/cli/utls/template-text.ts')
    const list = templates().map(({ id, browser, transport, versions, trial, source }) => ({
      id,
      browser,
      transport,
      versions,
      trial: trial ?? null,
      source,
    }))
    this.out.answer({ templates: list }, () => templateTable(templates()))
  }
}
