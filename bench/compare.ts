/**
 * One stream of ours beside one of js-libp2p over TCP, run by run in turns: two processes each, the same writes, and
 * every byte checked at both receivers by the same code.
 */
import { parseArgs } from 'node:util'
import type { BenchResult } from '../src/lib/bench/index.ts'
import {
  bulkMeasurement,
  DEFAULT_SETTINGS,
  runBench,
  selectMeasurements,
} from '../src/lib/htx/bench/index.ts'

const { values: flags } = parseArgs({
  options: {
    runs: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '2' },
    json: { type: 'boolean', default: false },
  },
})

const runs = Number(flags.runs)
const seconds = Number(flags.seconds)
if (!Number.isInteger(runs) || runs < 1 || !(seconds >= 0.1 && seconds <= 3600)) {
  process.stderr.write('error: --runs is a count and --seconds a time of 0.1 to 3600.\n')
  process.exit(2)
}

const interrupt = new AbortController()
process.once('SIGINT', () => interrupt.abort(new Error('interrupted')))

const libp2p = bulkMeasurement({
  name: 'libp2p.tcp',
  link: 'tcp',
  transport: 'libp2p.tcp',
  entry: new URL('./libp2p-worker.ts', import.meta.url),
})

const report = await runBench({
  measurements: [...selectMeasurements(['stream.tcp'], undefined).measurements, libp2p],
  ratios: [{ name: 'ratio.libp2p', of: 'stream.tcp', over: 'libp2p.tcp' }],
  settings: { ...DEFAULT_SETTINGS, runs, durationMs: seconds * 1000 },
  signal: interrupt.signal,
})

if (flags.json) process.stdout.write(`${JSON.stringify({ bench: 'compare', ...report })}\n`)
else {
  const { node, cpu, cores, load, loadAfter, results } = report
  process.stdout.write(`Node ${node}, ${cores} x ${cpu}, load ${load} before and ${loadAfter} after\n`)
  for (const result of results) process.stdout.write(`${formatResult(result)}\n`)
}

function formatResult({ name, value, unit, best, perRun }: BenchResult): string {
  return `${name.padEnd(14)} median ${value} ${unit}, best ${best}, runs ${perRun.join(' ')}`
}
