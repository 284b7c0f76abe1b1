/** Replaying third-party vector files: each area offers a suite, `aiv lint vectors` runs it. */

export interface VectorSuite {
  /** The word after `--suite`. */
  readonly name: string
  /** Judges one file. Hostile content gives failures, never an exception. */
  run(file: VectorFile): Promise<SuiteResult>
}

export interface VectorFile {
  readonly path: string
  /** The whole file as text. */
  readonly content: string
}

export interface SuiteResult {
  readonly suite: string
  readonly file: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly failures: readonly VectorNote[]
  readonly skips: readonly VectorNote[]
}

export interface VectorNote {
  /** Name or index of the vector in its file. */
  readonly id: string
  readonly reason: string
}
