import { AivCommand, Flags } from '../../lib/cli/index.ts'
import { loadLintConfig, loadRules } from '../../lib/lint/index.ts'

export default class LintRules extends AivCommand {
  static override summary = 'list the rules of aiv lint'
  static override description =
    `One line for each rule: its id, what a finding is worth, its name, and what it demands. \`aiv lint explain\` says why and
what to do. \`--config-schema\` prints the form of .aiv-lint.yaml instead, as JSON Schema for editors.`
  static override examples = [
    '<%= config.bin %> lint rules',
    '<%= config.bin %> lint rules --json',
    '<%= config.bin %> lint rules --config-schema > aiv-lint.schema.json',
  ]
  static override flags = {
    'config-schema': Flags.boolean({ summary: 'print the JSON Schema of .aiv-lint.yaml' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(LintRules)
    if (flags['config-schema']) {
      const { configSchema } = await loadLintConfig()
      process.stdout.write(`${JSON.stringify(configSchema(), undefined, 2)}\n`)
      return
    }
    const { RULES, ruleDocument } = await loadRules()
    this.out.answer({ rules: RULES.map(ruleDocument) }, () =>
      RULES.map(
        ({ id, severity, name, summary }) => `${id}  ${severity.padEnd(8)} ${name.padEnd(23)} ${summary}`,
      ).join('\n'),
    )
  }
}
