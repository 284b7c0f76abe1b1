/** Many lines to stdout without holding more of them than its reader has room for. */
import { once } from 'node:events'
import type { Writable } from 'node:stream'

export class LineWriter {
  readonly #out: Writable
  readonly #signal: AbortSignal

  /** @param signal ends a wait for a reader that takes nothing */
  constructor(signal: AbortSignal, out: Writable = process.stdout) {
    this.#signal = signal
    this.#out = out
  }

  /**
   * Writes the lines at once and waits until there is room for more.
   * @returns false when the command is to stop
   */
  async write(lines: readonly string[]): Promise<boolean> {
    if (this.#signal.aborted || this.#out.destroyed) return false
    if (lines.length === 0 || this.#out.write(`${lines.join('\n')}\n`)) return true
    try {
      await once(this.#out, 'drain', { signal: this.#signal })
    } catch (error) {
      // A reader that went away, or an interruption: both end the command from elsewhere.
      if (this.#signal.aborted || this.#out.destroyed) return false
      throw error
    }
    return true
  }
}
