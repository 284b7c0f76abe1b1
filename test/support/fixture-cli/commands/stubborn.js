import { AivCommand } from '../../../../dist/lib/cli/index.js'

/** Asks for the signal and then never ends. */
export default class Stubborn extends AivCommand {
  async run() {
    await this.parse(Stubborn)
    this.signal.addEventListener('abort', () => this.event('heard'))
    setInterval(() => {}, 1000)
    this.event('ready')
    await new Promise(() => {})
  }
}
