import { AivCommand, Flags } from '../../../../dist/lib/cli/index.js'
import { AivError } from '../../../../dist/lib/core/index.js'

/** Carries data on stdout with --stdio; fails after one event. */
export default class Carrier extends AivCommand {
  static dataOnStdout = ['--stdio']
  static flags = { stdio: Flags.boolean() }

  async run() {
    await this.parse(Carrier)
    this.event('ready')
    process.stdout.write('data\n')
    throw new AivError('E_LINK_LOST', 'the link is lost', { hint: 'Try again' })
  }
}
