/** Steps of `aiv demo`: each area shows, on this machine and without the network outside it, that it works. */

export interface DemoStep {
  readonly name: string
  /** What it shows, one line. */
  readonly summary: string
  /** Does the work; what it throws counts as one failed check. */
  run(context: DemoContext): Promise<readonly DemoCheck[]>
}

export interface DemoContext {
  /** A private folder that is removed after the step. */
  readonly folder: string
  readonly signal: AbortSignal
}

export interface DemoCheck {
  /** A statement that is true when it passed, such as `1 GiB arrived unchanged`. */
  readonly name: string
  readonly passed: boolean
  /** A measured number, or what was found instead. */
  readonly detail?: string
}
