/** What the benchmarks of all areas share: samples and their percentiles, turns, and the one shape of their answers. */
export { formatReport } from './format-report.ts'
export {
  type BenchResult,
  type MeasurementInfo,
  resultOf,
  type Sample,
  type TakeSample,
  type Unit,
} from './measurement.ts'
export { type Ratio, ratioResults } from './ratio.ts'
export { selectByName } from './selection.ts'
export { median, type Percentiles, percentile, percentiles, rounded } from './statistics.ts'
export { type BenchReport, countTurns, type TurnOptions, takeTurns } from './take-turns.ts'
