import { dialFlags, identityFlags, operationsFlags, sessionFlags } from '../../lib/cli/htx/flags.ts'
import { AivCommand, Args } from '../../lib/cli/index.ts'

export default class HtxConnect extends AivCommand {
  static override summary = 'connect stdin and stdout to a peer'
  static override description =
    `Opens an authenticated, encrypted session with the peer that the address names and joins its answer to
stdin and stdout. The end of stdin is passed on, and the command ends when the peer has finished as well.
Nothing is sent before the peer has proved who it is.`
  static override examples = [
    '<%= config.bin %> htx connect "$ADDRESS" < request.bin > answer.bin',
    'echo hello | <%= config.bin %> htx connect "$ADDRESS" --key alice.json',
  ]
  static override dataOnStdout = true
  static override args = {
    address: Args.string({ description: 'full address as `aiv htx listen` prints it', required: true }),
  }
  static override flags = { ...identityFlags, ...sessionFlags, ...dialFlags, ...operationsFlags }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HtxConnect)
    const { describeSession, withClient } = await import('../../lib/cli/htx/endpoint.ts')
    const { pumpStdio } = await import('../../lib/cli/htx/stdio.ts')
    const { openRawService } = await import('../../lib/htx/index.ts')
    const { withOperations } = await import('../../lib/cli/htx/operations.ts')
    const { signal } = this
    const event = this.event.bind(this)
    const { sentBytes, receivedBytes } = await withOperations(
      { role: 'connect', metrics: flags.metrics, event },
      async (operations) => {
        operations.address = args.address
        const context = { signal, observer: operations.observer }
        return await withClient(args.address, flags, context, async (session) => {
          const fields = { ...describeSession(session), ...operations.fields }
          event('connected', fields, `connected to ${session.peer}`)
          const stream = await openRawService(session, 'pipe', {}, { signal })
          return await pumpStdio(stream, { signal })
        })
      },
    )
    event(
      'closed',
      { bytes_sent: sentBytes, bytes_received: receivedBytes },
      `sent ${sentBytes} bytes, received ${receivedBytes} bytes`,
    )
  }
}
