import { AivCommand, Args } from '../../../lib/cli/index.ts'
import { isAivError } from '../../../lib/core/index.ts'

export default class HtxTicketShow extends AivCommand {
  static override summary = 'show what a key file or a grant holds'
  static override description =
    `Prints the policy, the ids of the keys and how long they are valid. With --json the grant of each key stands
beside it, so that a lost grant can be handed out again. Private keys are never printed.`
  static override examples = [
    '<%= config.bin %> htx ticket show tickets.json',
    '<%= config.bin %> htx ticket show grant.json --json',
  ]
  static override args = {
    file: Args.string({ description: 'key file or grant (default tickets.json in the config folder)' }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(HtxTicketShow)
    const { defaultTicketFile, grantFields, grantText, ringDocument, ringText } = await import(
      '../../../lib/cli/htx/ticket/ticket-files.ts'
    )
    const { loadGrant, loadTicketKeys } = await import('../../../lib/htx/index.ts')
    const path = args.file ?? defaultTicketFile()
    try {
      const grant = await loadGrant(path)
      this.out.answer(grantFields(grant), () => grantText(grant))
    } catch (error) {
      if (!isAivError(error, 'E_INPUT')) throw error
      const ring = await loadTicketKeys(path)
      this.out.answer(ringDocument(ring), () => ringText(ring))
    }
  }
}
