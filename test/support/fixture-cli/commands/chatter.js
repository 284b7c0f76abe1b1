import { setImmediate } from 'node:timers/promises'
import { AivCommand } from '../../../../dist/lib/cli/index.js'

/** Prints until it is interrupted. */
export default class Chatter extends AivCommand {
  async run() {
    await this.parse(Chatter)
    for (let n = 0; !this.signal.aborted; n++) {
      this.out.text(`line ${n}`)
      await setImmediate()
    }
    this.out.note('stopped in order')
    this.signal.throwIfAborted()
  }
}
