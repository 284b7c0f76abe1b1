export * from './parameters.ts'
export { Session } from './session.ts'
export type { SessionConfig, SessionHandler, SessionStatistics } from './session-types.ts'
export { MuxStream, type StreamHandler, streamResetError } from './streams/index.ts'
