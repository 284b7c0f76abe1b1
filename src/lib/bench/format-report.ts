/** A report for people: the machine, what the area says of its conditions, one line for each result. */
import type { BenchResult } from './measurement.ts'
import type { BenchReport } from './take-turns.ts'

const NAME_WIDTH = 18

/** @param conditions lines of the area, such as its sizes and limits */
export function formatReport(report: BenchReport, conditions: readonly string[]): string {
  const { node, cpu, cores, load, loadAfter, results, skipped } = report
  const unitWidth = Math.max(...results.map(({ unit }) => unit.length), 5)
  return [
    `Node ${node}, ${cores} x ${cpu}, load ${load} before and ${loadAfter} after`,
    ...conditions,
    ...results.map((result) => formatResult(result, unitWidth)),
    ...skipped.map(({ name, reason }) => `${name.padEnd(NAME_WIDTH)} skipped: ${reason}`),
  ].join('\n')
}

function formatResult(result: BenchResult, unitWidth: number): string {
  const { name, value, unit, p50, p95, p99, best, runs } = result
  const spread = unit === 'ms' || unit === 's' ? `p50 ${p50}  p95 ${p95}  p99 ${p99}` : `best ${best}`
  const number = String(value).padStart(8)
  return `${name.padEnd(NAME_WIDTH)} ${number} ${unit.padEnd(unitWidth)}  ${spread}  runs ${runs}`
}
