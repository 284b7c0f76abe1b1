export type { CoverConnection, CoverRequest, OpenCover } from './cover-connections.ts'
export type { Resolve } from './cover-origins.ts'
export { Fallback, type FallbackOptions } from './fallback.ts'
export type { Attempt, CoverPolicy, FallbackWork } from './fallback-work.ts'
