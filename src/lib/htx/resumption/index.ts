/** Resumption (section 8): tickets of listeners and of clients. */
export { beginChain, type ResumptionChain } from './chain.ts'
export {
  RESUMPTION_WAIT_MS,
  TICKETS_AFTER_FULL,
  TICKETS_AFTER_RESUMPTION,
} from './constants.ts'
export type { TicketHolder } from './record.ts'
export { type FoundRecord, RESUMPTION_SCHEMA, ResumptionRecords } from './records.ts'
export { ResumptionFile, type ResumptionFileOptions, type TakenTicket } from './resumption-file.ts'
export { type SessionTickets, TicketCollector, TicketIssuer } from './session-tickets.ts'
export type { HeldTicket } from './ticket-entry.ts'
