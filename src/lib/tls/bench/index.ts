/** The benchmarks of TLS: loaded by `aiv utls bench`, by nothing else. */
export { CAPTURE_BYTES, CAPTURE_BYTES_LEAST, CAPTURE_BYTES_MOST } from './constants.ts'
export { MEASUREMENTS } from './measurements.ts'
export { type RunOptions, runBench, type TlsBenchReport } from './run-bench.ts'
