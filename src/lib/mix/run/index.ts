/** A node that runs: loaded by `aiv mix run` and by programs that run one. */
export { MetricsPage } from '../metrics/prometheus.ts'
export type { NodeCounts } from '../node/counters.ts'
export { MAILBOX_SCHEMA, Mailboxes, Provider } from '../provider/index.ts'
export { type NodeEvent, RunningNode, type RunningNodeOptions } from './running-node.ts'
