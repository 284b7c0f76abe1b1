import { AivCommand, readPassphrase } from '../../../../dist/lib/cli/index.js'

/** Asks for a passphrase and prints it backwards, so that an echo is told from the answer. */
export default class Ask extends AivCommand {
  async run() {
    await this.parse(Ask)
    const bytes = await readPassphrase({ prompt: 'Passphrase', signal: this.signal })
    const answer = bytes === undefined ? 'nobody to ask' : Buffer.from(bytes).reverse().toString()
    this.out.answer({ answer }, answer)
  }
}
