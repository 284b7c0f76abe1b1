/** What senders and receivers of messages do. */
export { INBOX_SCHEMA, Inbox, type InboxOptions } from './inbox.ts'
export { formatMailboxAddress, type MailboxAddress, parseMailboxAddress } from './mailbox-address.ts'
export { eraseMailboxKeys, type MailboxKeys, mailboxAddress, mailboxKeys } from './mailbox-keys.ts'
export { Outbox, type OutboxOptions } from './outbox.ts'
export { PROVIDER_HOPS, type ReplyBlock, type RouteOptions, Routes } from './routes.ts'
export { type Message, openMessage, sealMessage } from './sealed-message.ts'
export { type ClientCounts, ClientSession, type ClientSessionOptions, type PacketSource } from './session.ts'
