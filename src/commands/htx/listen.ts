import { identityFlags, listenFlags, sessionFlags, specFlags, traceFlags } from '../../lib/cli/htx/flags.ts'
import { permitFlags } from '../../lib/cli/htx/forward/forward-flags.ts'
import { AivCommand, Args, Flags, hostPortFlag } from '../../lib/cli/index.ts'

export default class HtxListen extends AivCommand {
  static override summary = 'wait for peers and serve them'
  static override description =
    `Prints the address that peers connect to, key included, and serves each stream with what one of the flags
--stdio, --echo, --exec, --forward or --serve says. Without --key the identity, and with it the address, lasts until
the command ends. Everybody who has the address may connect unless --allow names who may. What peers may reach from
here with the forwards of \`aiv htx connect\` is nothing, unless --permit or --socks says so.
htx+https is an ordinary web site, with the pages of --decoy, to everybody but the holders of --tickets.
htx+tcp is not hidden: its first bytes are recognised at once, and filters of fully encrypted traffic match them.`
  static override examples = [
    '<%= config.bin %> htx listen htx+tcp://127.0.0.1:0 --echo',
    '<%= config.bin %> htx listen htx+tcp://127.0.0.1:0 --exec "wc -c" --json',
    '<%= config.bin %> htx listen htx+ws://127.0.0.1:0 --key server.json --forward 127.0.0.1:22 --allow "$PEER"',
    '<%= config.bin %> htx listen htx+https://127.0.0.1:0/feed --decoy pages --tickets tickets.json --echo',
    '<%= config.bin %> htx listen htx+tcp://127.0.0.1:0 --key server.json --permit "$PEER=127.0.0.1:22,example.org:443"',
  ]
  static override dataOnStdout = ['--stdio']
  static override args = {
    address: Args.string({
      description: 'where to listen, such as htx+tcp://0.0.0.0:4433; port 0 picks one',
      required: true,
    }),
  }
  static override flags = {
    ...identityFlags,
    ...sessionFlags,
    ...listenFlags,
    stdio: Flags.boolean({ summary: 'join one stream to stdin and stdout' }),
    echo: Flags.boolean({ summary: 'send back what comes' }),
    exec: Flags.string({ summary: 'run this shell command for each stream', helpValue: 'COMMAND' }),
    forward: hostPortFlag({ summary: 'connect each stream to this TCP address' }),
    serve: Flags.directory({
      summary: 'let peers list and get the files of this folder',
      exists: true,
      helpValue: 'DIR',
    }),
    ...permitFlags,
    ...specFlags,
    ...traceFlags,
    socket: Flags.string({
      summary: 'which socket of systemd to take, by its FileDescriptorName; needed when there are several',
      helpValue: 'NAME',
    }),
    systemd: Flags.boolean({ summary: 'print units of systemd that run this command line, and end' }),
    once: Flags.boolean({ summary: 'end after the first session' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HtxListen)
    if (flags.systemd) {
      const { systemdUnits, unitsText } = await import('../../lib/cli/htx/operations/systemd-units.ts')
      const units = systemdUnits(args.address, this.argv)
      this.out.answer({ units }, () => unitsText(units))
      return
    }
    const { runListener } = await import('../../lib/cli/htx/run-listener.ts')
    const { servicesOf } = await import('../../lib/cli/htx/services.ts')
    const { openTracer } = await import('../../lib/cli/htx/tracing.ts')
    const { openAccess } = await import('../../lib/cli/htx/forward/access.ts')
    const { takeServiceManager } = await import('../../lib/cli/htx/operations/systemd.ts')
    const tracer = openTracer(flags, this.logger)
    const event = this.event.bind(this)
    const manager = takeServiceManager(event)
    const command = { signal: this.signal, event, tracer, manager }
    const access = await openAccess(flags, event, manager)
    try {
      const services = servicesOf(flags, this.signal, access.permits)
      await runListener(args.address, { ...flags, allow: access.allow }, command, services)
    } finally {
      access.close()
    }
  }
}
