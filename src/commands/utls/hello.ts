import { AivCommand, Flags, writeOut } from '../../lib/cli/index.ts'
import { alpnOf, browserFlags } from '../../lib/cli/utls/offer-flags.ts'
import { SeededRandom, toHex } from '../../lib/core/index.ts'

export default class UtlsHello extends AivCommand {
  static override summary = "write a browser's ClientHello"
  static override description =
    `Writes the first record that this version of the browser would send, byte for byte by its rules: GREASE, order of
extensions, fresh key shares. stdout gets the record, a terminal its hexadecimal form. The private keys of the shares are
thrown away. With latest and n-2 a warning says when the templates are more than two versions behind the Chromium of this
machine. With --seed the same hello comes again, with the same keys: only for tests.`
  static override examples = [
    '<%= config.bin %> utls hello --chrome latest --sni example.com --out hello.bin',
    '<%= config.bin %> utls hello --chrome n-2 --sni example.com --json',
    '<%= config.bin %> utls hello --sni example.com | <%= config.bin %> utls fingerprint -',
  ]
  static override flags = {
    ...browserFlags,
    sni: Flags.string({
      summary: 'name of the server; for an IP address the hello has none',
      required: true,
      helpValue: 'NAME',
    }),
    alpn: Flags.string({
      summary:
        'protocols separated by commas, or none; default those of a page, http/1.1 is that of a WebSocket',
      helpValue: 'LIST',
    }),
    seed: Flags.integer({ summary: 'the same hello for the same number', min: 0, max: 0xffffffff }),
    out: Flags.string({ summary: 'write the record to this file', helpValue: 'FILE' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(UtlsHello)
    const { sni, alpn, seed, out } = flags
    const { chosenTemplate } = await import('../../lib/cli/utls/choose-template.ts')
    const template = await chosenTemplate(flags)
    const { followsNewest, warnOfDrift } = await import('../../lib/cli/utls/template-drift.ts')
    // The answer does not wait for the browser.
    const warned = followsNewest(flags) ? warnOfDrift(this.logger, this.signal) : undefined
    const { HelloBuilder, ja4 } = await import('../../lib/tls/index.ts')
    const builder = new HelloBuilder(template, seed === undefined ? undefined : new SeededRandom(seed))
    const { hello, record } = builder.build({ host: sni, ...alpnOf(alpn) })
    if (out !== undefined) {
      await writeOut(out, record)
    }
    const name = ja4(hello, 'tcp').ja4
    if (this.out.isJson)
      this.out.json({ template: template.id, versions: template.versions, ja4: name, record })
    else if (out !== undefined) this.out.text(`${record.length} bytes of ${template.id}, ${name}`)
    else if (process.stdout.isTTY === true) this.out.text(toHex(record))
    else process.stdout.write(record)
    await warned
  }
}
