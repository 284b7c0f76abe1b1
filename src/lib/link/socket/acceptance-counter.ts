/** Acceptance of writes, reported in the right phase of the event loop. */

/**
 * Collects what a socket says it has taken and reports the sum from the event loop. Node calls back in a microtask
 * when the kernel took a write at once; an owner that wrote more on each such call would starve timers and reads.
 */
export class AcceptanceCounter {
  readonly #report: (bytes: number) => void
  #bytes = 0

  constructor(report: (bytes: number) => void) {
    this.#report = report
  }

  add(bytes: number): void {
    if (this.#bytes === 0)
      setImmediate(() => {
        const sum = this.#bytes
        this.#bytes = 0
        this.#report(sum)
      })
    this.#bytes += bytes
  }
}
