/** The benchmarks of HTX: loaded by `aiv htx bench` and by comparisons with other systems, by nothing else. */
export {
  type BulkConnection,
  type BulkSink,
  type BulkSource,
  type BulkTransport,
  nodeSink,
  receiveFrom,
} from './bulk.ts'
export { bulkMeasurement } from './bulk-measurement.ts'
export { BYTES_LEAST, DURATION_LEAST_MS } from './constants.ts'
export type { BenchSettings, Measurement } from './measurement.ts'
export { MEASUREMENTS, RATIOS, selectMeasurements } from './measurements.ts'
export { DEFAULT_SETTINGS, type HtxBenchReport, type RunOptions, runBench } from './run-bench.ts'
export { serveWorker } from './worker/serve.ts'
