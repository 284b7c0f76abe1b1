import { AivCommand } from '../../../../dist/lib/cli/index.js'

/** Answers no. */
export default class No extends AivCommand {
  async run() {
    await this.parse(No)
    this.out.answer({ ok: false }, 'no')
    this.exit(1)
  }
}
