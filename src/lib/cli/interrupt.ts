/** SIGINT and SIGTERM: the first asks the command to finish what is in flight, the second ends the process at once. */
import { AivError } from '../core/index.ts'

export const EXIT_INTERRUPTED = 130

const SIGNALS = ['SIGINT', 'SIGTERM'] as const

export class Interrupt {
  readonly #controller = new AbortController()
  readonly #exit: (code: number) => void
  #observed = false
  #brokenPipe = false
  #received = false

  constructor(exit: (code: number) => void = (code) => process.exit(code)) {
    this.#exit = exit
  }

  /** Aborted, with `E_ABORTED` as reason, by the first signal or when the reader of stdout goes away. */
  get signal(): AbortSignal {
    this.#observed = true
    return this.#controller.signal
  }

  /** Starts to listen for the process signals. */
  install(): void {
    for (const name of SIGNALS) process.on(name, () => this.onSignal())
  }

  /** A command that never asked for the signal has nothing to finish, so it ends with the first one. */
  onSignal(): void {
    if (this.#received || !this.#observed) {
      this.#exit(EXIT_INTERRUPTED)
      return
    }
    this.#received = true
    this.#controller.abort(new AivError('E_ABORTED', 'interrupted'))
  }

  /** The reader of stdout has gone (`aiv … | head`): the command stops, and that is no failure. */
  onBrokenPipe(): void {
    this.#brokenPipe = true
    this.#controller.abort(new AivError('E_ABORTED', 'the reader of the output has gone'))
  }

  /** The exit code that the interruption leads to, if there was one. */
  get exitCode(): number | undefined {
    if (this.#received) return EXIT_INTERRUPTED
    return this.#brokenPipe ? 0 : undefined
  }
}

/** The interrupt of this process; `main` installs it. */
export const processInterrupt = new Interrupt()
