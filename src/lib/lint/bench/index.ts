/** The benchmarks of lint: loaded by `aiv lint bench`, by nothing else. */
import { checkCold } from './check-measurement.ts'
import type { Measurement } from './measurement.ts'
import { sbom700, sbomAxios } from './sbom-measurement.ts'

export { runBench } from './run-bench.ts'

export const MEASUREMENTS: readonly Measurement[] = [sbomAxios, sbom700, checkCold]
