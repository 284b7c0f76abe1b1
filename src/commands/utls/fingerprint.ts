import { AivCommand, Args, Flags, hostPortFlag, openInput } from '../../lib/cli/index.ts'
import type { LiveFlags } from '../../lib/cli/utls/run-live.ts'
import { AivError } from '../../lib/core/index.ts'

export default class UtlsFingerprint extends AivCommand {
  static override summary = 'name TLS clients by their hellos: JA3 and JA4'
  static override description =
    `Reads a pcap or pcapng capture with TLS, DTLS or QUIC in it, the bytes that one side of a connection sent, or those as hexadecimal, and
prints one line for each hello. With --json a line has JA3, its hash and the hash with sorted extensions (JA3N), and JA4 with
its raw and unsorted forms; hellos of servers have "kind": "server" and JA3S.

With --listen it waits for clients instead: it prints a line for each, also for those that do not accept its certificate,
and answers any HTTPS request with the client's own fingerprint as JSON.

Browsers that shuffle their extensions have another JA3 at each connection; JA4 and JA3N stay.`
  static override examples = [
    '<%= config.bin %> utls fingerprint capture.pcapng',
    '<%= config.bin %> utls fingerprint - --json < capture.pcapng',
    '<%= config.bin %> utls fingerprint --listen 127.0.0.1:0',
    '<%= config.bin %> utls fingerprint --listen 127.0.0.1:0 --json --cert server.pem --cert-key server.key',
  ]
  static override args = {
    file: Args.string({ description: 'a capture, bytes or hexadecimal; stdin when it is - or absent' }),
  }
  static override flags = {
    listen: hostPortFlag({
      summary: 'fingerprint the TLS clients that connect here; without a host on loopback, port 0 picks one',
    }),
    cert: Flags.file({
      summary: 'PEM certificate for --listen; one made for this run when absent',
      dependsOn: ['listen', 'cert-key'],
      helpValue: 'FILE',
    }),
    'cert-key': Flags.file({
      summary: 'PEM key of that certificate',
      dependsOn: ['listen', 'cert'],
      helpValue: 'FILE',
    }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(UtlsFingerprint)
    const { listen } = flags
    if (listen === undefined) await this.#read(args.file)
    else await this.#listen(args.file, { ...flags, listen })
  }

  async #listen(file: string | undefined, flags: LiveFlags): Promise<void> {
    if (file !== undefined)
      throw new AivError('E_USAGE', '--listen reads no file', { hint: 'Leave one of them out.' })
    const { runLive } = await import('../../lib/cli/utls/run-live.ts')
    await runLive(flags, { out: this.out, logger: this.logger, signal: this.signal })
  }

  async #read(file: string | undefined): Promise<void> {
    const { printHellos } = await import('../../lib/cli/utls/print-hellos.ts')
    const lines = await import('../../lib/cli/utls/hello-lines.ts')
    await printHellos(openInput(file), {
      ...(this.out.isJson
        ? { line: lines.helloJson }
        : { head: lines.HELLO_TABLE_HEAD, line: lines.helloText }),
      logger: this.logger,
      signal: this.signal,
    })
  }
}
