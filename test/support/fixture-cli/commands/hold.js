import { AivCommand } from '../../../../dist/lib/cli/index.js'

/** Runs until it is interrupted, then finishes what is in flight. */
export default class Hold extends AivCommand {
  async run() {
    await this.parse(Hold)
    const { signal } = this
    const keepAlive = setInterval(() => {}, 1000)
    this.event('ready', { pid: process.pid })
    await new Promise((resolve) => signal.addEventListener('abort', resolve))
    clearInterval(keepAlive)
    this.event('finished')
  }
}
