/** What a simulated network did, in numbers. */
import { percentiles } from '../../bench/index.ts'
import { lastVisit, type MixTrace, PACKET_KINDS, type PacketKind } from '../analysis/index.ts'

export interface SimSummary {
  readonly sent: Readonly<Record<PacketKind, number>>
  readonly hops: number
  /** From sending to leaving the last node, milliseconds. */
  readonly latencyMs: {
    readonly mean: number
    readonly p50: number
    readonly p95: number
    readonly p99: number
  }
}

export function summarize(trace: MixTrace): SimSummary {
  const sent = Object.fromEntries(PACKET_KINDS.map((kind) => [kind, 0])) as Record<PacketKind, number>
  const latencies: number[] = []
  for (const { kind, atUs, hop } of trace.sends) {
    sent[kind]++
    latencies.push(((trace.hops.outUs[lastVisit(trace, hop)] as number) - atUs) / 1000)
  }
  const mean = latencies.reduce((sum, value) => sum + value, 0) / Math.max(1, latencies.length)
  return {
    sent,
    hops: trace.hops.count,
    latencyMs: { mean, ...percentiles(latencies.length === 0 ? [0] : latencies) },
  }
}
