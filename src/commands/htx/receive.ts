import { identityFlags, listenFlags, sessionFlags, specFlags, traceFlags } from '../../lib/cli/htx/flags.ts'
import { AivCommand, Args, Flags, sizeFlag } from '../../lib/cli/index.ts'

export default class HtxReceive extends AivCommand {
  static override summary = 'take files that peers send'
  static override description =
    `Prints the address that \`aiv htx send\` takes and stores what comes below one folder. A file gets its name when
its SHA-256 has been verified; until then it is a hidden part that a later attempt goes on with. Names cannot leave
the folder. Everybody who has the address may send unless --allow names who may.`
  static override examples = [
    '<%= config.bin %> htx receive htx+tcp://127.0.0.1:0 --into inbox',
    '<%= config.bin %> htx receive htx+quic://127.0.0.1:0 --into inbox --key server.json --allow "$PEER" --json',
  ]
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
    ...specFlags,
    ...traceFlags,
    into: Flags.directory({
      summary: 'folder to put files into',
      required: true,
      exists: true,
      helpValue: 'DIR',
    }),
    overwrite: Flags.boolean({ summary: 'replace files of the same name; they are refused otherwise' }),
    'max-file-size': sizeFlag({ summary: 'largest file that is taken' }),
    once: Flags.boolean({ summary: 'end after the first session' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HtxReceive)
    const { runListener } = await import('../../lib/cli/htx/run-listener.ts')
    const { describeFile } = await import('../../lib/cli/htx/transfer/transfers.ts')
    const { openTracer } = await import('../../lib/cli/htx/tracing.ts')
    const { receiveFiles } = await import('../../lib/htx/index.ts')
    const service = receiveFiles({
      into: flags.into,
      overwrite: flags.overwrite ? 'always' : 'never',
      ...(flags['max-file-size'] === undefined ? {} : { maxFileBytes: flags['max-file-size'] }),
      onFile: (file) =>
        this.event('file', { ...describeFile(file), peer: file.peer }, `received ${file.name}`),
    })
    const command = {
      signal: this.signal,
      event: this.event.bind(this),
      tracer: openTracer(flags, this.logger),
    }
    await runListener(args.address, flags, command, { 'file/1': service })
  }
}
