import { AivCommand, Args } from '../../../../dist/lib/cli/index.js'

/** Fails as a defect would. */
export default class Defect extends AivCommand {
  static args = { how: Args.string({ required: true }) }

  async run() {
    const { args } = await this.parse(Defect)
    if (args.how === 'throw') throw new TypeError('unexpected', { cause: new Error('the cause') })
    if (args.how === 'later') setImmediate(() => Promise.reject(new Error('nobody waits')))
    await new Promise(() => setInterval(() => {}, 1000))
  }
}
