export { HtxMetrics, stateOf, type WatchedSession } from './metrics.ts'
export { type MetricsServer, serveMetrics } from './metrics-server.ts'
export type { Observer } from './observer.ts'
export { readStatuses, type StatusServer, serveStatus } from './status-socket.ts'
