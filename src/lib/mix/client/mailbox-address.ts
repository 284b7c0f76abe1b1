/** Where messages through the mixnet go: `mix://PROVIDER/MAILBOX?x=KEY`, each part 32 bytes in base32. */
import { AivError, decodeBase32, encodeBase32 } from '../../core/index.ts'

export interface MailboxAddress {
  /** Node id of the provider, 32 bytes. */
  readonly provider: Uint8Array
  /** 32 bytes. */
  readonly mailbox: Uint8Array
  /** X25519 key that messages are sealed to, 32 bytes. */
  readonly sealKey: Uint8Array
}

const FORM = /^mix:\/\/([a-z2-7]{52})\/([a-z2-7]{52})\?x=([a-z2-7]{52})$/

export function formatMailboxAddress({ provider, mailbox, sealKey }: MailboxAddress): string {
  return `mix://${encodeBase32(provider)}/${encodeBase32(mailbox)}?x=${encodeBase32(sealKey)}`
}

/** @throws AivError `E_ADDRESS` */
export function parseMailboxAddress(text: string): MailboxAddress {
  const [, provider, mailbox, sealKey] = FORM.exec(text) ?? []
  if (provider === undefined || mailbox === undefined || sealKey === undefined) throw wrong()
  return { provider: key(provider), mailbox: key(mailbox), sealKey: key(sealKey) }
}

function key(text: string): Uint8Array {
  try {
    return decodeBase32(text)
  } catch {
    throw wrong()
  }
}

function wrong(): AivError {
  return new AivError('E_ADDRESS', 'not the address of a mailbox', {
    hint: 'Use the whole address that its owner gave, mix://PROVIDER/MAILBOX?x=KEY.',
  })
}
