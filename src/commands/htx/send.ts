import { clientFlags, transferFlags } from '../../lib/cli/htx/flags.ts'
import type { Transfer } from '../../lib/cli/htx/transfer/transfers.ts'
import { AivCommand, Args, Flags } from '../../lib/cli/index.ts'
import { AivError } from '../../lib/core/index.ts'

export default class HtxSend extends AivCommand {
  static override summary = 'send files to a peer that runs receive'
  static override description =
    `Sends files and folders, several at once. What a cut left unfinished goes on where it stopped, also in a later
run. A file counts as sent when the peer has verified its SHA-256. The exit code is 1 when a file was refused.`
  static override examples = [
    '<%= config.bin %> htx send report.pdf "$ADDRESS"',
    '<%= config.bin %> htx send photos notes.txt "$ADDRESS" --key alice.json --json',
  ]
  static override strict = false
  static override args = {
    file: Args.string({
      description: 'files or folders, then the address that `aiv htx receive` prints',
      required: true,
    }),
  }
  static override flags = {
    ...clientFlags,
    ...transferFlags,
    as: Flags.string({ summary: 'name at the receiver, for one file or folder', helpValue: 'NAME' }),
  }

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(HtxSend)
    const words = argv as string[]
    const address = words.at(-1)
    const paths = words.slice(0, -1)
    if (address === undefined || paths.length === 0) {
      throw new AivError('E_USAGE', 'nothing to send, or no address', {
        hint: 'Name the files first and the address last.',
      })
    }
    if (flags.as !== undefined && paths.length > 1)
      throw new AivError('E_USAGE', '--as names one file or folder')
    const { runTransfers } = await import('../../lib/cli/htx/transfer/transfers.ts')
    const { printReport } = await import('../../lib/cli/htx/transfer/transfer-report.ts')
    const { expandLocal, putFile } = await import('../../lib/htx/index.ts')
    const { openTracer } = await import('../../lib/cli/htx/tracing.ts')
    const { signal } = this
    const context = { signal, tracer: openTracer(flags, this.logger) }
    const note = (line: string): void => this.out.note(line)
    const onSkipped = (path: string, reason: string): void => note(`left out ${path}: ${reason}`)
    const files = []
    for (const path of paths) files.push(...(await expandLocal(path, { as: flags.as, onSkipped, signal })))
    const transfers = files.map(
      (file): Transfer => ({
        name: file.name,
        size: file.size,
        run: (session, progress) => putFile(session, file, { signal, onProgress: progress }),
      }),
    )
    const output = { json: this.out.isJson, label: 'sending', note }
    const report = await runTransfers(address, flags, context, output, async () => transfers)
    if (!printReport(report, this.out)) this.exit(1)
  }
}
