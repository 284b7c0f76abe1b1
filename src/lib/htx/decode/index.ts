/** Reading recorded sessions and judging first flights. */
export { parseKeyLog } from '../recording/key-log.ts'
export * from './decode-session.ts'
export type { DecodedFrame } from './decoded-frame.ts'
export * from './first-flight.ts'
