import { AivCommand, durationFlag, Flags } from '../../../lib/cli/index.ts'

export default class HtxTicketNew extends AivCommand {
  static override summary = 'make a ticket key and the grant for those who may come in'
  static override description =
    `The key file is for \`aiv htx listen --tickets\` and stays with the listener. The grant is for
\`aiv htx connect --ticket\`: whoever has it gets an answer, everybody else meets silence. Without --out-grant the grant
is printed. A key is valid for 30 days. --add gives other holders a key of their own, up to 8; --rotate replaces all keys,
and the older ones end 7 days later. A running listener follows its file.`
  static override examples = [
    '<%= config.bin %> htx ticket new --out tickets.json --out-grant grant.json',
    '<%= config.bin %> htx ticket new --out keys.json --rotate --overlap 2d --out-grant next.json --json',
  ]
  static override flags = {
    out: Flags.string({
      summary: 'key file of the listener (default tickets.json in the config folder)',
      helpValue: 'FILE',
    }),
    'out-grant': Flags.string({ summary: 'write the grant into this new file', helpValue: 'FILE' }),
    add: Flags.boolean({ summary: 'add a key to an existing file', exclusive: ['rotate'] }),
    rotate: Flags.boolean({ summary: 'add a key to an existing file and let the older ones end' }),
    valid: durationFlag({ summary: 'how long the key is valid; default 30d' }),
    overlap: durationFlag({ summary: 'with --rotate: how long older keys stay; default 7d' }),
    'ticket-version': Flags.option({
      options: ['1', '2'] as const,
      summary: 'version of the tickets; 2 ties them to the listener; default 1',
    })(),
    carriers: Flags.string({
      summary: 'where tickets travel on htx+https, with probabilities; default cookie:0.5,query:0.3,body:0.2',
      helpValue: 'LIST',
    }),
    site: Flags.string({ summary: 'host name of the site on htx+https', helpValue: 'HOST' }),
    path: Flags.string({ summary: 'path on that site; default /', helpValue: 'PATH' }),
    'cookie-name': Flags.string({ summary: 'name of the cookie; default __Host-bn1', helpValue: 'NAME' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(HtxTicketNew)
    const { makeTicketKey, newTicketDocument, newTicketText } = await import(
      '../../../lib/cli/htx/ticket/ticket-files.ts'
    )
    const made = await makeTicketKey(flags)
    const grantPath = flags['out-grant']
    this.out.answer(newTicketDocument(made, grantPath), () => newTicketText(made, grantPath))
    if (grantPath === undefined) this.out.note(`The keys are in ${made.path}.`)
  }
}
