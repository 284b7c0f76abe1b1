import { AivCommand, Args, durationFlag, Flags } from '../../../../dist/lib/cli/index.js'

/** Prints what the parser made of the words. */
export default class Words extends AivCommand {
  static args = { first: Args.string({ required: true }), second: Args.string() }
  static flags = { tag: Flags.string({ multiple: true }), wait: durationFlag() }

  async run() {
    const { args, flags } = await this.parse(Words)
    this.out.json({ ...args, tag: flags.tag, wait: flags.wait })
  }
}
