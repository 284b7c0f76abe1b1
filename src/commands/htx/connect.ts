import { clientFlags, continuityFlags, operationsFlags } from '../../lib/cli/htx/flags.ts'
import { forwardFlags } from '../../lib/cli/htx/forward/forward-flags.ts'
import { AivCommand, Args, pumpStdio } from '../../lib/cli/index.ts'
import type { HtxSession } from '../../lib/htx/index.ts'

export default class HtxConnect extends AivCommand {
  static override summary = 'connect stdin and stdout to a peer'
  static override description =
    `Opens an authenticated, encrypted session with the peer that the address names and joins its answer to
stdin and stdout. The end of stdin is passed on, and the command ends when the peer has finished as well. With -W
stdin and stdout are joined to a target that the peer reaches and permits: a ProxyCommand of ssh. With -L, -R and -D
ports are forwarded until the command is interrupted; the event ready says where.
A cut or a new network loses nothing: the command connects again, over the next of several addresses of the peer or of
the links that --link names, and goes on where it was.
Nothing is sent before the peer has proved who it is.
htx+https hides in a visit to a web site: what is seen is Chrome. Where an address is not hidden, the command says so.
htx+tcp is not hidden: its first bytes are recognised at once, and filters of fully encrypted traffic match them.`
  static override examples = [
    '<%= config.bin %> htx connect "$ADDRESS" < request.bin > answer.bin',
    'echo hello | <%= config.bin %> htx connect "$ADDRESS" --key alice.json',
    'echo hello | <%= config.bin %> htx connect "$HIDDEN" --ticket grant.json --pin "$PIN"',
    'echo hello | <%= config.bin %> htx connect "$ADDRESS" --link tcp,ws,quic --retry 100',
  ]
  static override dataOnStdout = true
  static override strict = false
  static override args = {
    address: Args.string({
      description: 'full address as `aiv htx listen` prints it; more addresses of the same peer may follow',
      required: true,
    }),
  }
  static override flags = {
    ...forwardFlags,
    ...clientFlags,
    ...continuityFlags,
    ...operationsFlags,
  }

  async run(): Promise<void> {
    const { args, argv, flags } = await this.parse(HtxConnect)
    const { withConnector, withPeer } = await import('../../lib/cli/htx/continuity.ts')
    const { describeSession } = await import('../../lib/cli/htx/endpoint.ts')
    const { forwarding, runForwards, stdioService } = await import('../../lib/cli/htx/forward/forwards.ts')
    const { withOperations } = await import('../../lib/cli/htx/operations/operations.ts')
    const { openTracer } = await import('../../lib/cli/htx/tracing.ts')
    const { exposuresOf } = await import('../../lib/cli/htx/camouflage/exposure.ts')
    const { signal } = this
    const exposed = exposuresOf(argv as string[])
    // With --json the first line is the event that scripts wait for; it says the same.
    if (!this.out.isJson) for (const exposure of exposed) this.logger.warn(exposure)
    const exposure = exposed.length === 0 ? {} : { exposed }
    const tracer = openTracer(flags, this.logger)
    const event = this.event.bind(this)
    const forwards = forwarding(flags)
    const { service, params } = stdioService(flags)
    await withOperations({ role: 'connect', metrics: flags.metrics, event }, async (operations) => {
      operations.address = args.address
      const context = { signal, observer: operations.observer, event, tracer }
      const onConnected = (session: HtxSession): void => {
        const fields = { ...describeSession(session), ...exposure, ...operations.fields }
        event('connected', fields, `connected to ${session.peer}`)
      }
      const addresses = argv as string[]
      if (forwards !== undefined) {
        await withPeer(addresses, flags, context, async (peer) => {
          const about = { ...describeSession(peer.session), ...exposure, ...operations.fields }
          await runForwards(peer, forwards, { signal, event }, about)
        })
        return
      }
      const { sentBytes, receivedBytes } = await withConnector(
        addresses,
        flags,
        context,
        onConnected,
        async (open) => {
          const counted = operations.observer.countOpens(open)
          const { stream, settled } = await counted(service, params, signal)
          const totals = await pumpStdio(stream, { signal })
          await settled
          return totals
        },
      )
      event(
        'closed',
        { bytes_sent: sentBytes, bytes_received: receivedBytes },
        `sent ${sentBytes} bytes, received ${receivedBytes} bytes`,
      )
    })
  }
}
