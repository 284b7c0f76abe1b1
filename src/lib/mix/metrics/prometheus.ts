/** Counts of a node in the text format of Prometheus, version 0.0.4. */
import type { Clock } from '../../core/index.ts'
import { DROP_REASONS } from '../drop-reason.ts'
import type { NodeCounts } from '../node/counters.ts'

/** Counts that change with each question would show when each packet moved. Milliseconds. */
const AGGREGATE_MS = 1_000

/** Every reason is listed, also those that did not happen: a series that appears later loses its first step. */
function prometheusText({ received, forwarded, delivered, dropped, queued }: NodeCounts): string {
  return [
    ...counter('received_packets', 'packets that came in', received),
    ...counter('forwarded_packets', 'packets given to the next node', forwarded),
    ...counter('delivered_packets', 'packets and replies given to a mailbox', delivered),
    ...head('dropped_packets_total', 'counter', 'packets dropped, by reason'),
    ...DROP_REASONS.map(
      (reason) => `aiv_mix_dropped_packets_total{reason="${reason}"} ${dropped[reason] ?? 0}`,
    ),
    ...head('queued_packets', 'gauge', 'packets in the node'),
    `aiv_mix_queued_packets ${queued}`,
    '',
  ].join('\n')
}

function counter(name: string, help: string, value: number): string[] {
  return [...head(`${name}_total`, 'counter', help), `aiv_mix_${name}_total ${value}`]
}

function head(name: string, type: 'counter' | 'gauge', help: string): string[] {
  return [`# HELP aiv_mix_${name} ${help}`, `# TYPE aiv_mix_${name} ${type}`]
}

/** Gives the same text for a second: no question can time a packet. */
export class MetricsPage {
  readonly #clock: Clock
  readonly #counts: () => NodeCounts
  #text = ''
  #madeAt = Number.NEGATIVE_INFINITY

  constructor(clock: Clock, counts: () => NodeCounts) {
    this.#clock = clock
    this.#counts = counts
  }

  text(): string {
    const now = this.#clock.now()
    if (now - this.#madeAt >= AGGREGATE_MS) {
      this.#text = prometheusText(this.#counts())
      this.#madeAt = now
    }
    return this.#text
  }
}
