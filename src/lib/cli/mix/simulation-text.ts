/** A simulation as text and as a document. */
import { rounded } from '../../bench/index.ts'
import type { SimParameters } from '../../mix/sim/index.ts'
import type { SimAnswer } from './simulate.ts'
import { verdictDocument, verdictText } from './verdict.ts'

export function simulationDocument(
  parameters: SimParameters,
  { summary, verdict }: SimAnswer,
): Readonly<Record<string, unknown>> {
  const { nodes, layers, clients, rate, loopRate, cover, meanDelayMs, durationMs, seed } = parameters
  const { mean, p50, p95, p99 } = summary.latencyMs
  return {
    ...{ nodes, layers, clients, rate, cover, seed },
    loop_rate: loopRate,
    mean_delay_ms: meanDelayMs,
    duration_ms: durationMs,
    sent: summary.sent,
    visits: summary.hops,
    latency_ms: { mean: rounded(mean), p50, p95, p99 },
    ...verdictDocument(verdict),
  }
}

export function simulationText({ summary, verdict }: SimAnswer): string {
  const { real, loop, drop } = summary.sent
  const { mean, p50, p95, p99 } = summary.latencyMs
  return [
    `sent ${real} real, ${loop} loops, ${drop} drops; ${summary.hops} visits at nodes`,
    `latency ${rounded(mean)} ms mean, ${p50} ms p50, ${p95} ms p95, ${p99} ms p99`,
    verdictText(verdict),
  ].join('\n')
}
