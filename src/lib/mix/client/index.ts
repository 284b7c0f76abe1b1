/** What senders and receivers of messages do. */
export { Inbox, type InboxOptions, type Received } from './inbox.ts'
export { formatMailboxAddress, type MailboxAddress, parseMailboxAddress } from './mailbox-address.ts'
export { Outbox, type OutboxOptions } from './outbox.ts'
export { PROVIDER_HOPS, type ReplyBlock, type RouteOptions, Routes } from './routes.ts'
export { type Message, openMessage, sealMessage } from './sealed-message.ts'
