/** When the files of a listener are read again. */
import { unwatchFile, watchFile } from 'node:fs'
import { systemClock } from '../../../core/index.ts'

/** How often the files are looked at, and tried again when they could not be read. Milliseconds. */
const LOOK_EVERY_MS = 1000

/**
 * Reads files.
 * @param isRetry nobody has asked for it, and the files did not change
 * @returns whether it failed for a reason that may pass while the files stay as they are; never rejects
 */
type Reload = (isRetry: boolean) => Promise<boolean>

/**
 * Readings on SIGHUP and when files change, one after the other: an older one that ended last would put back who was
 * removed. From the making on changes are seen; they are read from `begin` on.
 */
export class Reloads {
  readonly #files: readonly string[]
  readonly #reload: Reload
  readonly #onChange = (): void => this.#ask()
  #isAsked = false
  #isWorking = true
  #isOver = false
  #cancelRetry = (): void => {}

  constructor(files: readonly string[], reload: Reload) {
    this.#files = files
    this.#reload = reload
    // Also without files: whoever tells all daemons to read their files again does not mean to end this one.
    process.on('SIGHUP', this.#onChange)
    // By time and size: editors put a new file in the place of the old one, which a watch of the file itself misses.
    for (const file of files) watchFile(file, { interval: LOOK_EVERY_MS, persistent: false }, this.#onChange)
  }

  begin(): void {
    void this.#work()
  }

  end(): void {
    this.#isOver = true
    this.#cancelRetry()
    process.off('SIGHUP', this.#onChange)
    for (const file of this.#files) unwatchFile(file, this.#onChange)
  }

  /** However often this is asked for during a reading, one more sees all that has changed. */
  #ask(): void {
    this.#isAsked = true
    if (!this.#isWorking) void this.#work()
  }

  async #work(isRetry = false): Promise<void> {
    this.#isWorking = true
    this.#cancelRetry()
    let mayPass = isRetry && (await this.#reload(true))
    while (this.#isAsked && !this.#isOver) {
      this.#isAsked = false
      mayPass = await this.#reload(false)
    }
    this.#isWorking = false
    // Who was taken off the list must not stay on it because descriptors were short for a moment.
    if (mayPass && !this.#isOver)
      this.#cancelRetry = systemClock.schedule(LOOK_EVERY_MS, () => void this.#work(true))
  }
}
