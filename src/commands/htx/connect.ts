import { dialFlags, identityFlags, operationsFlags, sessionFlags } from '../../lib/cli/htx/flags.ts'
import { forwardFlags } from '../../lib/cli/htx/forward-flags.ts'
import { AivCommand, Args } from '../../lib/cli/index.ts'

export default class HtxConnect extends AivCommand {
  static override summary = 'connect stdin and stdout to a peer'
  static override description =
    `Opens an authenticated, encrypted session with the peer that the address names and joins its answer to
stdin and stdout. The end of stdin is passed on, and the command ends when the peer has finished as well. With -W
stdin and stdout are joined to a target that the peer reaches and permits: a ProxyCommand of ssh. With -L, -R and -D
ports are forwarded until the command is interrupted; the event ready says where.
Nothing is sent before the peer has proved who it is.`
  static override examples = [
    '<%= config.bin %> htx connect "$ADDRESS" < request.bin > answer.bin',
    'echo hello | <%= config.bin %> htx connect "$ADDRESS" --key alice.json',
  ]
  static override dataOnStdout = true
  static override args = {
    address: Args.string({ description: 'full address as `aiv htx listen` prints it', required: true }),
  }
  static override flags = {
    ...forwardFlags,
    ...identityFlags,
    ...sessionFlags,
    ...dialFlags,
    ...operationsFlags,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HtxConnect)
    const { describeSession, openClient, withClient } = await import('../../lib/cli/htx/endpoint.ts')
    const { forwarding, runForwards, stdioService } = await import('../../lib/cli/htx/forwards.ts')
    const { pumpStdio } = await import('../../lib/cli/htx/stdio.ts')
    const { openRawService } = await import('../../lib/htx/index.ts')
    const { withOperations } = await import('../../lib/cli/htx/operations.ts')
    const { signal } = this
    const event = this.event.bind(this)
    const forwards = forwarding(flags)
    const { service, params } = stdioService(flags)
    await withOperations({ role: 'connect', metrics: flags.metrics, event }, async (operations) => {
      operations.address = args.address
      const context = { signal, observer: operations.observer }
      if (forwards !== undefined) {
        const session = await openClient(args.address, flags, context)
        const about = { ...describeSession(session), ...operations.fields }
        await runForwards(session, forwards, { signal, event }, about)
        return
      }
      const { sentBytes, receivedBytes } = await withClient(args.address, flags, context, async (session) => {
        const fields = { ...describeSession(session), ...operations.fields }
        event('connected', fields, `connected to ${session.peer}`)
        const stream = await openRawService(session, service, params, { signal })
        return await pumpStdio(stream, { signal })
      })
      event(
        'closed',
        { bytes_sent: sentBytes, bytes_received: receivedBytes },
        `sent ${sentBytes} bytes, received ${receivedBytes} bytes`,
      )
    })
  }
}
