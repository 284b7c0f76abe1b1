import { AivCommand, Args, Flags, readInput } from '../../../lib/cli/index.ts'
import { utf8 } from '../../../lib/core/index.ts'

export default class HtxTicketVerify extends AivCommand {
  static override summary = 'check a ticket against a key file'
  static override description =
    `Takes a ticket as base64url or hex, or its bytes on stdin, and says whether a listener with these keys would take
it now. Nothing is used up, and whether it was used before is not looked at. The exit code is 1 when it is refused.`
  static override examples = [
    '<%= config.bin %> htx ticket verify "$TICKET" --tickets tickets.json',
    '<%= config.bin %> htx ticket verify - --tickets tickets.json --json < ticket.bin',
  ]
  static override args = {
    ticket: Args.string({ description: 'base64url or hex; - or absent reads stdin' }),
  }
  static override flags = {
    tickets: Flags.file({
      summary: 'key file (default tickets.json in the config folder)',
      helpValue: 'FILE',
    }),
    x: Flags.string({ summary: 'x of the address of the listener, for version 2', helpValue: 'KEY' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HtxTicketVerify)
    const { judgeTicket, TICKET_INPUT_MOST } = await import('../../../lib/cli/htx/ticket/examine.ts')
    const { defaultTicketFile } = await import('../../../lib/cli/htx/ticket/ticket-files.ts')
    const { ticket } = args
    const input =
      ticket === undefined || ticket === '-'
        ? await readInput(ticket, { maxBytes: TICKET_INPUT_MOST })
        : utf8(ticket)
    const judged = await judgeTicket(input, flags.tickets ?? defaultTicketFile(), flags.x)
    this.out.answer(judged.document, judged.text)
    if (!judged.genuine) this.exit(1)
  }
}
