import { AivCommand, Args } from '../../lib/cli/index.ts'
import { clientFlags } from '../../lib/cli/mix/client/flags.ts'

export default class MixSend extends AivCommand {
  static override summary = 'send a file to a mailbox through the mixnet'
  static override description =
    `Seals the file to the mailbox, cuts it into packets and sends each until the provider of the mailbox has it on its disk.
The receiver gets the content and the name of the file, and is not told by whom. Packets go at the network's rate for
payload, so that nobody sees when something is sent.`
  static override examples = [
    '<%= config.bin %> mix send "$MAILBOX" letter.txt --directory network.json --unsigned',
    'echo hello | <%= config.bin %> mix send "$MAILBOX" --directory network.json --unsigned --json',
  ]
  static override args = {
    address: Args.string({ description: 'address of the mailbox, mix://…', required: true }),
    file: Args.string({ description: 'file to send; stdin when it is - or absent' }),
  }
  static override flags = clientFlags

  async run(): Promise<void> {
    const { args, flags } = await this.parse(MixSend)
    const { sendToMailbox } = await import('../../lib/cli/mix/client/send.ts')
    const { logger, signal } = this
    const { document, text } = await sendToMailbox(args.address, args.file, flags, { logger, signal })
    this.out.answer(document, () => text)
  }
}
