import { clientFlags, transferFlags } from '../../lib/cli/htx/flags.ts'
import type { Transfer } from '../../lib/cli/htx/transfer/transfers.ts'
import { AivCommand, Args, Flags } from '../../lib/cli/index.ts'
import { AivError } from '../../lib/core/index.ts'

export default class HtxGet extends AivCommand {
  static override summary = 'fetch files from a peer that serves a folder'
  static override description =
    `Fetches files, and folders with all that is in them, several at once, from a peer that runs
\`aiv htx listen --serve\`. What a cut left unfinished goes on where it stopped, also in a later run. The exit code is 1
when a file could not be had.`
  static override examples = [
    '<%= config.bin %> htx get report.pdf "$ADDRESS"',
    '<%= config.bin %> htx get photos notes.txt "$ADDRESS" --into downloads --json',
  ]
  static override strict = false
  static override args = {
    path: Args.string({ description: 'files or folders at the peer, then its address', required: true }),
  }
  static override flags = {
    ...clientFlags,
    ...transferFlags,
    into: Flags.directory({
      summary: 'folder to put files into',
      default: '.',
      exists: true,
      helpValue: 'DIR',
    }),
    overwrite: Flags.boolean({ summary: 'replace files of the same name' }),
  }

  async run(): Promise<void> {
    const { argv, flags } = await this.parse(HtxGet)
    const words = argv as string[]
    const address = words.at(-1)
    const paths = words.slice(0, -1)
    if (address === undefined || paths.length === 0) {
      throw new AivError('E_USAGE', 'nothing to get, or no address', {
        hint: 'Name the paths first and the address last.',
      })
    }
    const { runTransfers } = await import('../../lib/cli/htx/transfer/transfers.ts')
    const { printReport } = await import('../../lib/cli/htx/transfer/transfer-report.ts')
    const { expandRemote, getFile } = await import('../../lib/htx/index.ts')
    const { openTracer } = await import('../../lib/cli/htx/tracing.ts')
    const { signal } = this
    const context = { signal, tracer: openTracer(flags, this.logger) }
    const note = (line: string): void => this.out.note(line)
    const onSkipped = (path: string, reason: string): void => note(`left out ${path}: ${reason}`)
    const overwrite = flags.overwrite ? 'always' : 'never'
    const output = { json: this.out.isJson, label: 'fetching', note }
    const report = await runTransfers(address, flags, context, output, async (session) => {
      const files = []
      for (const path of paths) {
        files.push(...(await expandRemote(session, path === '.' ? '' : path, { onSkipped, signal })))
      }
      return files.map(
        ({ name, remoteName, size }): Transfer => ({
          name,
          size,
          run: (again, progress) =>
            getFile(again, remoteName, flags.into, { name, overwrite, signal, onProgress: progress }),
        }),
      )
    })
    if (!printReport(report, this.out)) this.exit(1)
  }
}
