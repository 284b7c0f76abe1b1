/**
 * The shape every area gives to the replay of published test vectors, so that one command can run any of them and
 * report counts as evidence.
 */

export interface VectorFile {
  /** Where the text came from, for the report only. */
  readonly path: string
  readonly content: string
}

export interface SuiteResult {
  readonly suite: string
  readonly file: string
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  readonly failures: readonly VectorOutcome[]
  readonly skips: readonly VectorOutcome[]
  /** What has to be said of vectors that passed: those that were not judged as they stand. */
  readonly notes: readonly VectorOutcome[]
}

export interface VectorOutcome {
  readonly id: string
  readonly reason: string
}

export interface VectorSuite {
  readonly name: string
  /** Never rejects because of what the file holds: a file that cannot be read as vectors is one failure. */
  run(file: VectorFile): Promise<SuiteResult>
}

/** A vector file of any bytes, and the files that it names. */
export interface RawVectorFile {
  /** For the report only. */
  readonly path: string
  readonly bytes: Uint8Array
  /**
   * Reads a file in the same folder, or below it.
   * @param names relative, with forward slashes; the first one that is there is read
   * @throws AivError `E_INPUT` when none is there, or when it lies elsewhere; `E_TOO_LARGE`
   */
  beside(names: readonly string[]): AsyncIterable<Uint8Array>
}

/** A suite whose vector files are no text, or name others. */
export interface RawVectorSuite {
  readonly name: string
  readonly isRaw: true
  /** As that of {@link VectorSuite}. */
  run(file: RawVectorFile): Promise<SuiteResult>
}

/** Thrown by a check for a vector that is well formed but beyond what the suite covers. */
export class SkippedVector extends Error {}

export interface VectorCheck {
  readonly id: string
  /**
   * Returns when the vector holds, throws {@link SkippedVector} to skip, anything else to fail.
   * @param note takes what has to be said if it passes
   */
  run(note: (text: string) => void): void | Promise<void>
}

/** Runs the checks in order and counts what became of each. */
export async function runVectorChecks(
  suite: string,
  file: string,
  checks: Iterable<VectorCheck>,
): Promise<SuiteResult> {
  let passed = 0
  const failures: VectorOutcome[] = []
  const skips: VectorOutcome[] = []
  const notes: VectorOutcome[] = []
  for (const check of checks) {
    const said: VectorOutcome[] = []
    try {
      await check.run((reason) => said.push({ id: check.id, reason }))
      passed++
      notes.push(...said)
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      ;(error instanceof SkippedVector ? skips : failures).push({ id: check.id, reason })
    }
  }
  return { suite, file, passed, failed: failures.length, skipped: skips.length, failures, skips, notes }
}
