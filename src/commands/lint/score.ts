import { AivCommand, Args, Flags } from '../../lib/cli/index.ts'

export default class LintScore extends AivCommand {
  static override summary = 'say how good a bill of materials is, and what would make it better'
  static override description =
    `Asks of a document what a profile asks: sbomqs (features, weights and formulae of sbomqs 2), ntia (the minimum
elements of 2021) or cisa-2025 (the draft of 22 August 2025; there is no final text). Each feature shows how many
components have it, its score from 0 to 10, and what to do where something is missing. Without a document, one is read
from stdin, or made of the current folder. With --min the exit code is 1 when the score is lower.`
  static override examples = [
    '<%= config.bin %> lint score new.cdx.json',
    '<%= config.bin %> lint score old.spdx.json --profile ntia --json',
    '<%= config.bin %> lint score - --min 3 < new.cdx.json',
  ]
  static override args = {
    path: Args.string({ description: 'document, lockfile or folder; - is stdin' }),
  }
  static override flags = {
    profile: Flags.string({
      summary: 'what is asked',
      options: ['sbomqs', 'ntia', 'cisa-2025'] as const,
      default: 'sbomqs',
    }),
    min: Flags.string({ summary: 'exit with 1 when the score is lower', helpValue: '0..10' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(LintScore)
    const { minimumScore, scoreJson, scoreLines } = await import('../../lib/cli/lint/score-text.ts')
    const min = minimumScore(flags.min)
    const { notePartial, readDocument } = await import('../../lib/cli/lint/inventory-argument.ts')
    const inventory = await readDocument(args.path)
    const { isValidDocument, scoreDocument } = await import('../../lib/lint/score/index.ts')
    const { document, name } = inventory
    const profile = flags.profile as Parameters<typeof scoreDocument>[1]
    const score = scoreDocument({ document, isValid: await isValidDocument(document) }, profile)
    const { family, version } = document.facts
    this.out.answer({ document: name, format: family, format_version: version, ...scoreJson(score) }, () =>
      scoreLines(score).join('\n'),
    )
    const partial = notePartial(inventory, this.out)
    if (score.score < min) this.exit(1)
    if (partial) this.exit(3)
  }
}
