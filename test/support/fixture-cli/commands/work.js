import { setTimeout } from 'node:timers/promises'
import { AivCommand, startProgress } from '../../../../dist/lib/cli/index.js'

/** Long work with progress. */
export default class Work extends AivCommand {
  async run() {
    await this.parse(Work)
    const total = 2 ** 20
    const progress = await startProgress({ label: 'file.bin', total, unit: 'bytes', json: this.out.isJson })
    for (let step = 1; step <= 4; step++) {
      await setTimeout(120)
      progress.update((step * total) / 4)
    }
    progress.finish()
    this.out.answer({ done: true }, 'done')
  }
}
