import { AivCommand, Flags, writeOut } from '../../../lib/cli/index.ts'
import { systemClock } from '../../../lib/core/index.ts'

/** A busy machine needs seconds to start a browser. */
const VERSION_WITHIN_MS = 15_000

export default class UtlsTemplateCapture extends AivCommand {
  static override summary = 'make a template from a browser on this machine'
  static override description =
    `Runs the browser once, without a window and with a profile of its own, on a page whose parts lie on sixty servers that
do not exist. All their names lead to a listener on the loopback interface that reads the first message of each connection
and never answers, so nothing leaves the machine. What the hellos have in common, and by what rules the rest changes,
is the template: the form that \`aiv utls hello --template FILE\` reads. Hellos that follow no rule that a template can say
are an error and never a wrong template.`
  static override examples = [
    '<%= config.bin %> utls template capture --browser chromium --out chromium.json',
    '<%= config.bin %> utls template capture --hellos hellos --json',
    '<%= config.bin %> utls template capture --out mine.json && <%= config.bin %> utls hello --template mine.json --sni example.com --out hello.bin',
  ]
  static override flags = {
    browser: Flags.string({
      summary: 'chromium, firefox, another program, or the path of one',
      default: 'chromium',
      helpValue: 'NAME',
    }),
    out: Flags.string({ summary: 'write the template to this file', helpValue: 'FILE' }),
    hellos: Flags.string({ summary: 'also keep the hellos, as files in this folder', helpValue: 'FOLDER' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(UtlsTemplateCapture)
    const { captureTemplate, findBrowser, templateDocument } = await import('../../../lib/tls/index.ts')
    const { captureText, templateFile, writeHellos } = await import(
      '../../../lib/cli/utls/captured-template.ts'
    )
    const { signal } = this
    const clock = systemClock
    const browser = await findBrowser(flags.browser, { clock, signal, withinMs: VERSION_WITHIN_MS })
    const isRoot = process.getuid?.() === 0
    if (isRoot && browser.browser === 'chrome')
      this.logger.info('the browser runs without its sandbox, because it runs as root')
    const captured = await captureTemplate(browser, { clock, signal, isRoot })
    const { template, hellos } = captured
    if (flags.hellos !== undefined) await writeHellos(flags.hellos, hellos)
    if (flags.out !== undefined) await writeOut(flags.out, templateFile(template))
    if (this.out.isJson) this.out.json({ ...templateDocument(template) })
    else if (flags.out !== undefined) this.out.text(captureText(captured, browser))
    else this.out.text(templateFile(template).trimEnd())
  }
}
