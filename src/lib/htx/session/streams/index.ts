export {
  MuxStream,
  type StreamHandler,
  type StreamPort,
  streamResetError,
} from './mux-stream.ts'
export { type GrowthConditions, ReceiveWindow } from './receive-window.ts'
export { SendScheduler } from './scheduler.ts'
export { StreamTable } from './stream-table.ts'
