/** Replay protection of mix nodes: one filter for each mix key, and its log. */
export * from './constants.ts'
export { carriedRate, type FilterLayout, layOutFilter, type ReplayFilterSize } from './filter-layout.ts'
export type { ReplayLogKey } from './log-format.ts'
export { type LogVerdict, readReplayLog } from './read-log.ts'
export {
  ReplayFilter,
  type ReplayFilterOptions,
  type ReplayVerdict,
  type SharedReplayFilter,
} from './replay-filter.ts'
export { createReplayLog, type ReplayDurability, ReplayLog, type ReplayLogOptions } from './replay-log.ts'
