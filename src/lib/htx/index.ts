/** HTX: secure, multiplexed sessions over any ordered byte stream. */
export { formatAddress, type HtxAddress, parseAddress, type Scheme } from './address.ts'
export { CODE, codeName, type SessionEnd } from './codes.ts'
export * from './endpoint/index.ts'
export { defaultPqPolicy, type PqPolicy } from './handshake/index.ts'
export * from './observe/index.ts'
export * from './reconnect/index.ts'
export * from './service/index.ts'
export type { SessionLimits, SessionStatistics, SideParameters } from './session/index.ts'
