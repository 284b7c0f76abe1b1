/** HTX: secure, multiplexed sessions over any ordered byte stream. */
export { formatAddress, type HtxAddress, parseAddress, type Scheme } from './address.ts'
export { CODE, codeName, type SessionEnd } from './codes.ts'
export { ALGORITHMS, COMPLIANCE } from './compliance.ts'
export * from './decode/index.ts'
export * from './endpoint/index.ts'
export { defaultPqPolicy, HANDSHAKE_SUITES, type PqPolicy } from './handshake/index.ts'
export * from './observe/index.ts'
export * from './pt/index.ts'
export * from './reconnect/index.ts'
export { TraceFiles, type TraceFilesOptions, type Tracer } from './recording/index.ts'
export { RESUMPTION_SCHEMA, ResumptionFile, type ResumptionFileOptions } from './resumption/index.ts'
export * from './service/index.ts'
export type { SessionLimits, SessionStatistics, SideParameters } from './session/index.ts'
export {
  addKey,
  checkSite,
  createGrantFile,
  createTicketKeys,
  DEFAULT_POLICY_TEXT,
  DEFAULT_SITE,
  decodeBase64Url,
  drawCarrier,
  examineTicket,
  grantDocument,
  grantOf,
  isValidAt,
  loadGrant,
  loadTicketKeys,
  newTicketKey,
  parsePayload,
  parsePolicy,
  REPLAY_SCHEMA,
  rotateKeys,
  type TicketCarrier,
  type TicketGrant,
  type TicketKey,
  type TicketKeyRing,
  type TicketPolicy,
  type TicketSite,
  updateTicketKeys,
  withTicketVersion,
} from './ticket/index.ts'
export { requireNoTwinListener, requireNoTwins, type Way, wayTo } from './twins.ts'
