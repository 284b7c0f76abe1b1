/** The provider: mailboxes for those who are not there, and answers by reply block. */
export { encodeFetchRequest, mailboxOf, namesRoom } from './fetch-request.ts'
export { MAILBOX_LIMITS, MAILBOX_SCHEMA, Mailboxes, type MailboxLimits, nameOfBody } from './mailboxes.ts'
export {
  decodeFetchAnswer,
  FETCH_SERVICE,
  type FetchAnswer,
  mailboxBodyRoom,
  PING_SERVICE,
  PROVIDER_DROP_REASONS,
  Provider,
  type ProviderDropReason,
  type Served,
} from './provider.ts'
