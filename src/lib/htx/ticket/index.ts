export { type BuildTicketOptions, buildTicket } from './build.ts'
export { KEYS_MOST } from './constants.ts'
export { type AccessTicketBinding, accessTicketOf, hourOf, replayTag, ticketSalt } from './derive.ts'
export {
  checkSite,
  DEFAULT_SITE,
  grantDocument,
  parseGrant,
  type TicketGrant,
  type TicketSite,
} from './grant.ts'
export {
  createGrantFile,
  createTicketKeys,
  loadGrant,
  loadTicketKeys,
  updateTicketKeys,
} from './key-file.ts'
export {
  addKey,
  grantOf,
  isValidAt,
  newTicketKey,
  rotateKeys,
  type TicketKey,
  type TicketKeyRing,
} from './key-ring.ts'
export {
  base64UrlOrUndefined,
  decodeBase64Url,
  encodeBase64Url,
  encodePayload,
  parsePayload,
  type TicketPayload,
} from './payload.ts'
export * from './policy.ts'
export { REPLAY_SCHEMA, type ReplayLimits, ReplayStore } from './replay-store.ts'
export {
  type AccessTicketOutcome,
  AccessTicketVerifier,
  examineTicket,
  type TicketContext,
  type TicketRates,
} from './verifier.ts'
