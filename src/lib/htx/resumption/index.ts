/** Resumption (section 8): tickets of listeners and of clients. */
export { beginChain, type ResumptionChain } from './chain.ts'
export {
  RESUMPTION_TICKETS_AFTER_FULL,
  RESUMPTION_TICKETS_AFTER_RESUMPTION,
  RESUMPTION_WAIT_MS,
} from './constants.ts'
export type { ResumptionTicketHolder } from './record.ts'
export { type FoundRecord, RESUMPTION_SCHEMA, ResumptionRecords } from './records.ts'
export { ResumptionFile, type ResumptionFileOptions, type TakenTicket } from './resumption-file.ts'
export { ResumptionTicketCollector, ResumptionTicketIssuer, type SessionTickets } from './session-tickets.ts'
export type { HeldTicket } from './ticket-entry.ts'
