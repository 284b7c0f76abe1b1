import { clientFlags } from '../../lib/cli/htx/flags.ts'
import { AivCommand, Args, formatSize } from '../../lib/cli/index.ts'

export default class HtxLs extends AivCommand {
  static override summary = 'list the files of a peer that serves a folder'
  static override description =
    `Lists one level of what a peer serves with \`aiv htx listen --serve\`: name, size in bytes, time of last change.`
  static override examples = [
    '<%= config.bin %> htx ls "$ADDRESS"',
    '<%= config.bin %> htx ls "$ADDRESS" photos --json',
  ]
  static override args = {
    address: Args.string({ description: 'full address as `aiv htx listen` prints it', required: true }),
    path: Args.string({ description: 'folder to list; what is served itself when absent' }),
  }
  static override flags = clientFlags

  async run(): Promise<void> {
    const { args, flags } = await this.parse(HtxLs)
    const { withClient } = await import('../../lib/cli/htx/endpoint.ts')
    const { listFiles } = await import('../../lib/htx/index.ts')
    const { openTracer } = await import('../../lib/cli/htx/tracing.ts')
    const { signal } = this
    const context = { signal, tracer: openTracer(flags, this.logger) }
    const path = args.path ?? ''
    const entries = await withClient(args.address, flags, context, (session) =>
      listFiles(session, path, { signal }),
    )
    this.out.answer({ path, entries }, () =>
      entries
        .map(({ name, size, mtime, dir }) => {
          const time = new Date(mtime * 1000).toISOString().slice(0, 16)
          return `${time}  ${(dir ? '-' : formatSize(size)).padStart(10)}  ${name}${dir ? '/' : ''}`
        })
        .join('\n'),
    )
  }
}
