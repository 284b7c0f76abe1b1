/** What a trace looks like. */
import { hopDelays } from '../delays.ts'
import { targetEntropies } from '../entropy/target-entropy.ts'
import type { Observation } from '../judges/observation.ts'
import { observedInstead, redelayed } from '../judges/worse.ts'
import { type Chart, type Series, svgCharts } from './line-chart.ts'

const DELAYS_MOST = 100_000
const POINTS = 200
const TARGETS = 300

/** Delays beside their law, and how well single packets hide: an SVG document. */
export function traceSvg(observation: Observation): string {
  return svgCharts([delayChart(observation), entropyChart(observation)])
}

function delayChart({ trace, moments, meanUs, fromUs }: Observation): Chart {
  const delays = hopDelays(trace, moments, fromUs, DELAYS_MOST).sort()
  const measured = spread(delays.length).map((i): [number, number] => [
    (delays[i] as number) / 1000,
    1 - i / delays.length,
  ])
  const longest = measured.at(-1)?.[0] ?? 1
  const law = spread(POINTS).map((i): [number, number] => {
    const x = (longest * i) / (POINTS - 1)
    return [x, Math.exp((-1000 * x) / meanUs)]
  })
  return {
    title: 'Delays at the nodes',
    x: 'delay, ms',
    y: 'share of packets delayed longer',
    isLogarithmic: true,
    series: [
      { name: 'exponential', points: law },
      { name: 'measured', points: measured },
    ],
  }
}

function entropyChart(observation: Observation): Chart {
  const hasty = redelayed(observation.trace, (_, delay) => delay / 10)
  return {
    title: 'Entropy of single packets, end to end',
    x: 'share of packets that hide no better, %',
    y: 'bits',
    series: [
      entropySeries('measured', observation),
      entropySeries('a tenth of the delay', observedInstead(observation, hasty)),
    ],
  }
}

function entropySeries(name: string, { trace, moments, fromUs }: Observation): Series {
  const bits = targetEntropies({ trace, moments }, fromUs, TARGETS).bits.toSorted((a, b) => a - b)
  return { name, points: bits.map((value, i) => [(100 * (i + 1)) / bits.length, value]) }
}

/** Up to {@link POINTS} indices below `count`, evenly, the last included. */
function spread(count: number): number[] {
  const points = Math.min(POINTS, count)
  return Array.from({ length: points }, (_, i) => Math.round((i * (count - 1)) / Math.max(1, points - 1)))
}
