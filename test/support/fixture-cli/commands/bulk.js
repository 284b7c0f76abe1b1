import { AivCommand, Args } from '../../../../dist/lib/cli/index.js'

/** Prints many bytes at once and returns. */
export default class Bulk extends AivCommand {
  static args = { bytes: Args.integer({ required: true }) }

  async run() {
    const { args } = await this.parse(Bulk)
    process.stdout.write(Buffer.alloc(args.bytes, 'x'))
  }
}
