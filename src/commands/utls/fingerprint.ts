import { AivCommand, Args, openInput } from '../../lib/cli/index.ts'

export default class UtlsFingerprint extends AivCommand {
  static override summary = 'name TLS clients by their hellos: JA3 and JA4'
  static override description =
    `Reads a pcap or pcapng capture with TLS, DTLS or QUIC in it, the bytes that one side of a connection sent, or those as hexadecimal, and
prints one line for each hello. With --json a line has JA3, its hash and the hash with sorted extensions (JA3N), and JA4 with
its raw and unsorted forms; hellos of servers have "kind": "server" and JA3S.

Browsers that shuffle their extensions have another JA3 at each connection; JA4 and JA3N stay.`
  static override examples = [
    '<%= config.bin %> utls fingerprint capture.pcapng',
    '<%= config.bin %> utls fingerprint - --json < capture.pcapng',
  ]
  static override args = {
    file: Args.string({ description: 'a capture, bytes or hexadecimal; stdin when it is - or absent' }),
  }

  async run(): Promise<void> {
    const { args } = await this.parse(UtlsFingerprint)
    const { printHellos } = await import('../../lib/cli/utls/print-hellos.ts')
    const lines = await import('../../lib/cli/utls/hello-lines.ts')
    await printHellos(openInput(args.file), {
      ...(this.out.isJson
        ? { line: lines.helloJson }
        : { head: lines.HELLO_TABLE_HEAD, line: lines.helloText }),
      logger: this.logger,
      signal: this.signal,
    })
  }
}
