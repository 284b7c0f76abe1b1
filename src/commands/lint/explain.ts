import { AivCommand, Args } from '../../lib/cli/index.ts'
import { loadRules } from '../../lib/lint/index.ts'

export default class LintExplain extends AivCommand {
  static override summary = 'say what a rule demands, why, and what to do'
  static override description =
    'Takes the id of a rule or its name, as `aiv lint rules` lists them and findings bear them.'
  static override examples = [
    '<%= config.bin %> lint explain SB0004',
    '<%= config.bin %> lint explain dangling-reference --json',
  ]
  static override args = {
    rule: Args.string({ description: 'id or name', required: true }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(LintExplain)
    const { ruleDocument, ruleNamed, ruleText } = await loadRules()
    const rule = ruleNamed(args.rule)
    this.out.answer(ruleDocument(rule), () => ruleText(rule))
  }
}
