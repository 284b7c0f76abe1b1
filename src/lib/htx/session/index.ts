export { MuxStream, type StreamHandler, streamResetError } from './mux-stream.ts'
export * from './parameters.ts'
export * from './session.ts'
