/** Results made of two others, run by run: a busy machine slows both of them down. */
import { type BenchResult, resultOf } from './measurement.ts'
import { rounded } from './statistics.ts'

export interface Ratio {
  readonly name: string
  readonly of: string
  readonly over: string
}

/** Those whose two parts were measured. */
export function ratioResults(
  ratios: readonly Ratio[],
  results: readonly BenchResult[],
  /** What the area knows besides. */
  fieldsOf: (of: BenchResult, over: BenchResult) => Readonly<Record<string, number>> = () => ({}),
): readonly BenchResult[] {
  const find = (name: string): BenchResult | undefined => results.find((result) => result.name === name)
  return ratios.flatMap((ratio) => {
    const of = find(ratio.of)
    const over = find(ratio.over)
    if (of === undefined || over === undefined) return []
    return [{ ...ratioOf(ratio, of, over), ...fieldsOf(of, over) }]
  })
}

/** @param ofRuns and overRuns: samples of the same runs, in order */
function ratioOf({ name, of, over }: Ratio, ofRuns: BenchResult, overRuns: BenchResult): BenchResult {
  const processes = Math.max(ofRuns.processes, overRuns.processes)
  const samples = ofRuns.perRun.map((value, run) => ({ values: [value / (overRuns.perRun[run] as number)] }))
  const result = resultOf({ name, unit: 'ratio', quote: 'p50', processes }, samples)
  return { ...result, of, over, ratioOfBest: rounded(ofRuns.best / overRuns.best) }
}
