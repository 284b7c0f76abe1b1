import { AivCommand, Flags, writeOut } from '../../../lib/cli/index.ts'
import { alpnOf } from '../../../lib/cli/utls/offer-flags.ts'
import { AivError, SeededRandom, toHex } from '../../../lib/core/index.ts'

export default class UtlsEchSeal extends AivCommand {
  static override summary = "write a browser's hello with another one encrypted in it"
  static override description =
    `Writes the first record that Chrome would send to a server with this configuration: outside stands the public name, inside,
encrypted, the name of --sni. stdout gets the record, a terminal its hexadecimal form. The private keys of the shares are
thrown away. With --seed the same record comes again, and everybody who knows the number can open it: only for tests.`
  static override examples = [
    '<%= config.bin %> utls ech seal --config ech.pem --sni secret.example.com --out sealed.bin',
    '<%= config.bin %> utls ech seal --config ech.pem --sni secret.example.com | <%= config.bin %> utls ech open --key ech.pem --json',
  ]
  static override flags = {
    config: Flags.string({
      summary: 'a file with ECH configurations, or their list in base64',
      required: true,
      helpValue: 'FILE|BASE64',
    }),
    sni: Flags.string({ summary: 'name that is encrypted', required: true, helpValue: 'NAME' }),
    chrome: Flags.string({
      summary: 'major version of Chrome, latest, or n-2; default latest',
      helpValue: 'VERSION',
    }),
    alpn: Flags.string({
      summary: 'protocols separated by commas, or none; default those of a page',
      helpValue: 'LIST',
    }),
    seed: Flags.integer({ summary: 'the same hello for the same number', min: 0, max: 0xffffffff }),
    out: Flags.string({ summary: 'write the record to this file', helpValue: 'FILE' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(UtlsEchSeal)
    const { config, sni, chrome, alpn, seed, out } = flags
    const { readEchConfigs } = await import('../../../lib/cli/utls/ech-files.ts')
    const { chosenTemplate } = await import('../../../lib/cli/utls/choose-template.ts')
    const { chooseEchConfig, HelloBuilder, ja4, sealHello, setUpEch } = await import(
      '../../../lib/tls/index.ts'
    )
    const chosen = chooseEchConfig(await readEchConfigs(config))
    if (chosen === undefined)
      throw new AivError('E_UNSUPPORTED', 'none of the ECH configurations can be used', {
        hint: '`aiv utls ech config show` says why.',
      })
    const random = seed === undefined ? undefined : new SeededRandom(seed)
    const template = await chosenTemplate({ chrome })
    const builder = new HelloBuilder(template, random)
    const setup = await setUpEch(chosen, random)
    const { hello, record } = sealHello(builder, setup, { host: sni, ...alpnOf(alpn) }).outer
    if (out !== undefined) {
      await writeOut(out, record)
    }
    const publicName = Buffer.from(chosen.config.publicName).toString('latin1')
    const name = ja4(hello, 'tcp').ja4
    if (this.out.isJson)
      this.out.json({ template: template.id, sni, outer_sni: publicName, ja4: name, record })
    else if (out !== undefined)
      this.out.text(`${record.length} bytes of ${template.id}, ${name}; outside stands ${publicName}`)
    else if (process.stdout.isTTY === true) this.out.text(toHex(record))
    else process.stdout.write(record)
  }
}
