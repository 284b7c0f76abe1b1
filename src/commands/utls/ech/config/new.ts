import { AivCommand, Flags } from '../../../../lib/cli/index.ts'

export default class UtlsEchConfigNew extends AivCommand {
  static override summary = 'make a key for Encrypted Client Hello, and its configuration'
  static override description =
    `Writes a new file for its owner only, in the PEM form of RFC 9934: the private key, which stays with the server, and the
configuration, which clients get from an HTTPS record in the DNS. The public name is what onlookers see in the hello: the
server must have a certificate for it.`
  static override examples = [
    '<%= config.bin %> utls ech config new --public-name public.example.com',
    '<%= config.bin %> utls ech config new --public-name public.example.com --out new.pem --max-name-length 128 --json',
  ]
  static override flags = {
    'public-name': Flags.string({
      summary: 'host name that onlookers see',
      required: true,
      helpValue: 'NAME',
    }),
    out: Flags.string({ summary: 'new key file; default ech.pem', default: 'ech.pem', helpValue: 'FILE' }),
    'max-name-length': Flags.integer({
      summary: 'longest name behind the server, bytes; default 64. Shorter ones are padded to it',
      min: 0,
      max: 255,
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(UtlsEchConfigNew)
    const { newEchKey } = await import('../../../../lib/tls/index.ts')
    const { writeEchKey } = await import('../../../../lib/cli/utls/ech-files.ts')
    const made = newEchKey(flags['public-name'], flags['max-name-length'])
    await writeEchKey(flags.out, made)
    const list = Buffer.from(made.list).toString('base64')
    this.out.answer(
      {
        file: flags.out,
        public_name: flags['public-name'],
        config_id: made.config.configId,
        config_list: list,
      },
      () => `configuration list  ${list}\nHTTPS record        ech="${list}"`,
    )
    this.out.note(`The key is in ${flags.out}.`)
  }
}
