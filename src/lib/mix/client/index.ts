/** What senders and receivers of messages do. */
export { formatMailboxAddress, type MailboxAddress, parseMailboxAddress } from './mailbox-address.ts'
export { type Message, openMessage, sealMessage } from './sealed-message.ts'
