/** Fuzz targets of what reads the files of others. A target takes a seed, and the same seed does the same again. */
import { fuzzDocuments } from './documents-fuzz.ts'
import { fuzzInstalled, INSTALLED_INPUTS } from './installed-fuzz.ts'
import { fuzzReaders } from './readers-fuzz.ts'

export interface LintFuzzTarget {
  /** Makes what this seed says and gives it to the target. @throws Error when a property does not hold */
  readonly run: (seed: number) => void | Promise<void>
  /** Hostile inputs in one run. */
  readonly inputs: number
}

export const LINT_FUZZ_TARGETS: Readonly<Record<string, LintFuzzTarget>> = {
  documents: { run: fuzzDocuments, inputs: 1 },
  installed: { run: fuzzInstalled, inputs: INSTALLED_INPUTS },
  readers: { run: fuzzReaders, inputs: 1 },
}
