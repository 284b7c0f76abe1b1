import { AivCommand, Flags } from '../../lib/cli/index.ts'
import { clientFlags } from '../../lib/cli/mix/client/flags.ts'
import { vrfKeyFlags } from '../../lib/cli/mix/flags.ts'

export default class MixReceive extends AivCommand {
  static override summary = 'fetch messages from a mailbox through the mixnet'
  static override description =
    `Asks the provider of the mailbox again and again, by reply blocks: it does not learn who asks. Each message becomes a file
of --out, under the name that its sender gave it; the provider forgets its pieces when they are on this disk. The first event
has the address for those who send. The mailbox belongs to the identity of --key, which nobody learns from the address.`
  static override examples = [
    '<%= config.bin %> mix receive --mailbox "$PROVIDER" --key alice.json --directory network.json --unsigned --out inbox',
    '<%= config.bin %> mix receive --mailbox "$PROVIDER" --key alice.json --directory network.json --unsigned --count 1 --json',
  ]
  static override flags = {
    ...clientFlags,
    mailbox: Flags.string({ summary: 'id of the provider that has it', required: true, helpValue: 'ID' }),
    ...vrfKeyFlags,
    key: Flags.file({
      summary: 'identity file that owns it (default identity.json in the config folder)',
      helpValue: 'FILE',
    }),
    out: Flags.string({ summary: 'folder for the messages', default: '.', helpValue: 'DIR' }),
    count: Flags.integer({ summary: 'end after so many messages', min: 1 }),
    state: Flags.string({
      summary: 'folder for messages that are not whole; default one for this mailbox in the data folder',
      helpValue: 'DIR',
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(MixReceive)
    const { receiveMail } = await import('../../lib/cli/mix/client/receive.ts')
    const { logger, signal } = this
    await receiveMail(flags, { logger, signal, event: this.event.bind(this) })
  }
}
