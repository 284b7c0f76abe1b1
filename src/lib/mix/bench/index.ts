/** The benchmarks of the mixnet: loaded by `aiv mix bench` and by nothing else. */
export { type BenchOptions, type MixBenchReport, runBench, selectMeasurements } from './measurements.ts'
