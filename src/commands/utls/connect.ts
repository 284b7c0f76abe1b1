import { AivCommand, Args, durationFlag, Flags, parseHostPort, pumpStdio } from '../../lib/cli/index.ts'
import { alpnOf, browserFlags } from '../../lib/cli/utls/offer-flags.ts'
import { systemClock } from '../../lib/core/index.ts'
import type { ListedConfig } from '../../lib/tls/index.ts'

export default class UtlsConnect extends AivCommand {
  static override summary = 'join stdin and stdout to a TLS server, as a browser would connect'
  static override description =
    `Sends the ClientHello of the chosen browser and completes TLS 1.3 with it: what the hello offers is what is spoken.
The certificate of the server is verified against the roots of the system and of --ca, or its key against --pin. A server
that answers with TLS 1.2 is refused.
With --ech the name is encrypted, and onlookers see the public name of the configuration. A server that does not know it has
to prove that it is that of the public name; the newer configurations that it gives then are tried once. Without them the
command fails with E_ECH_REJECTED: the name is never sent in the open.
The end of stdin is passed on, and the command ends when the server has finished as well.`
  static override examples = [
    `printf 'GET / HTTP/1.0\\r\\n\\r\\n' | <%= config.bin %> utls connect "$SERVER" --ca ca.pem --alpn http/1.1`,
    '<%= config.bin %> utls connect "$SERVER" --pin "$PIN" --alpn http/1.1 --json < request.txt > answer.txt',
    '<%= config.bin %> utls connect "$ECH_SERVER" --sni secret.example.com --ech ech.pem --ca ca.pem < request.txt',
  ]
  static override dataOnStdout = true
  static override args = {
    server: Args.string({ description: 'HOST:PORT', required: true }),
  }
  static override flags = {
    sni: Flags.string({
      summary: 'name that is sent, and that the certificate must be for; default HOST',
      helpValue: 'NAME',
    }),
    ...browserFlags,
    alpn: Flags.string({
      summary: 'protocols separated by commas, or none; default those of a page',
      helpValue: 'LIST',
    }),
    ca: Flags.string({
      summary: 'trust the certificates in this PEM file as well',
      helpValue: 'FILE',
      multiple: true,
    }),
    pin: Flags.string({
      summary: 'trust this public key and nothing else: sha256//BASE64; may be repeated',
      helpValue: 'SPKI',
      multiple: true,
    }),
    ech: Flags.string({
      summary: 'encrypt the name: a file with ECH configurations, or their list in base64',
      helpValue: 'FILE|BASE64',
      exclusive: ['firefox'],
    }),
    'no-ech-retry': Flags.boolean({
      summary: 'do not try the configurations that a server gives in place of --ech',
    }),
    proxy: Flags.string({ summary: 'proxy URL: http://, socks5:// or socks5h://', helpValue: 'URL' }),
    timeout: durationFlag({ summary: 'longest time for dialling, and for the handshake; default 10s' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(UtlsConnect)
    const { host, port } = parseHostPort(args.server)
    const name = flags.sni ?? host
    const { chosenTemplate } = await import('../../lib/cli/utls/choose-template.ts')
    const { connectionDocument, connectionText, rejectionDocument, rejectionText, trustOf } = await import(
      '../../lib/cli/utls/connection.ts'
    )
    const { connectTls, EchRejectedError, HelloBuilder } = await import('../../lib/tls/index.ts')
    const tellRejection = (rejected: InstanceType<typeof EchRejectedError>): void =>
      this.event('ech_rejected', rejectionDocument(rejected, name), rejectionText(rejected))
    const connection = await connectTls({
      host,
      port,
      serverName: name,
      builder: new HelloBuilder(await chosenTemplate(flags)),
      ...(await trustOf(flags)),
      clock: systemClock,
      signal: this.signal,
      ...(flags.ech === undefined ? {} : { ech: await configsOf(flags.ech) }),
      ...(flags['no-ech-retry'] === true ? {} : { onEchRetry: tellRejection }),
      ...alpnOf(flags.alpn),
      ...(flags.proxy === undefined ? {} : { proxy: flags.proxy }),
      ...(flags.timeout === undefined ? {} : { timeoutMs: flags.timeout }),
    }).catch((error: unknown) => {
      if (error instanceof EchRejectedError) tellRejection(error)
      throw error
    })
    this.event('connected', connectionDocument(connection, name), connectionText(connection))
    const { sentBytes, receivedBytes } = await pumpStdio(connection.stream, { signal: this.signal })
    this.event(
      'closed',
      { bytes_sent: sentBytes, bytes_received: receivedBytes },
      `sent ${sentBytes} bytes, received ${receivedBytes} bytes`,
    )
  }
}

async function configsOf(named: string): Promise<readonly ListedConfig[]> {
  const { readEchConfigs } = await import('../../lib/cli/utls/ech-files.ts')
  return await readEchConfigs(named)
}
