/** The hellos of one run, until nothing more is to be expected. */
import type { TimerClock } from '../../../core/index.ts'
import type { CapturePage } from './capture-page.ts'
import type { RecordedHello } from './hello-recorder.ts'

/** Second tries come at once: after so long without another hello none comes any more. */
const QUIET_MS = 500

export class HelloGathering {
  readonly hellos: RecordedHello[] = []
  /** Everybody on the page has been greeted, and it is quiet. */
  readonly complete: Promise<void>
  readonly #page: CapturePage
  readonly #clock: TimerClock
  readonly #missing: Set<string>
  readonly #resolve: () => void
  #cancelQuiet = (): void => {}

  constructor(page: CapturePage, clock: TimerClock) {
    this.#page = page
    this.#clock = clock
    this.#missing = new Set(page.names)
    const { promise, resolve } = Promise.withResolvers<void>()
    this.complete = promise
    this.#resolve = resolve
  }

  /** How many have not been greeted. */
  get missing(): number {
    return this.#missing.size
  }

  /** @returns whether the connection stays open */
  take(recorded: RecordedHello): boolean {
    const { name } = recorded
    // An errand of the browser itself, which was led here as well.
    if (name !== undefined && !this.#page.names.has(name)) return false
    this.hellos.push(recorded)
    if (name !== undefined) this.#missing.delete(name)
    this.#cancelQuiet()
    if (this.#missing.size === 0) this.#cancelQuiet = this.#clock.schedule(QUIET_MS, this.#resolve)
    return name === undefined || !this.#page.busy.has(name)
  }

  /** Waits for nothing any more. */
  stop(): void {
    this.#cancelQuiet()
  }
}
