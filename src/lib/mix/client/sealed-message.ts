/**
 * Messages as only their receiver reads them: HPKE (RFC 9180) in base mode to the key of the mailbox, so that neither mixes nor
 * the provider see what they carry, and nobody is told who wrote them.
 */
import { AivError, concat, EMPTY, fromUtf8, type RandomSource, readU16, u16, utf8 } from '../../core/index.ts'
import { HPKE_AEAD, hpkeRecipient, hpkeSender, X25519_BYTES } from '../../crypto/index.ts'

export interface Message {
  /** Of a file, without folders; empty for text and data. */
  readonly name: string
  readonly content: Uint8Array
}

const INFO = utf8('aiv-mix-message-v1')
const MAX_NAME_BYTES = 255

/**
 * `encapsulated key 32 | AEAD of (name length 2 | name | content)`, bound to the mailbox.
 * @throws AivError `E_TOO_LARGE` for a name beyond 255 bytes, `E_CRYPTO` for a bad key
 */
export async function sealMessage(
  { name, content }: Message,
  to: { readonly mailbox: Uint8Array; readonly sealKey: Uint8Array },
  random?: RandomSource,
): Promise<Uint8Array> {
  const nameBytes = utf8(name)
  if (nameBytes.length > MAX_NAME_BYTES)
    throw new AivError('E_TOO_LARGE', `the name of a file has at most ${MAX_NAME_BYTES} bytes`)
  const sender = await hpkeSender(HPKE_AEAD.chacha20poly1305, to.sealKey, concat(INFO, to.mailbox), random)
  try {
    return concat(sender.enc, sender.seal(EMPTY, concat(u16(nameBytes.length), nameBytes, content)))
  } finally {
    sender.erase()
  }
}

/**
 * @param privateKey of the mailbox, 32 bytes
 * @returns undefined for what was not sealed to this mailbox, or has another form
 */
export async function openMessage(
  sealed: Uint8Array,
  mailbox: Uint8Array,
  privateKey: Uint8Array,
): Promise<Message | undefined> {
  const enc = sealed.subarray(0, X25519_BYTES)
  const info = concat(INFO, mailbox)
  const recipient = await hpkeRecipient(HPKE_AEAD.chacha20poly1305, privateKey, enc, info)
  const plain = await recipient?.open(EMPTY, sealed.subarray(X25519_BYTES))
  if (plain === undefined || plain.length < 2) return undefined
  const end = 2 + readU16(plain, 0)
  if (end > plain.length || end - 2 > MAX_NAME_BYTES) return undefined
  try {
    return { name: fromUtf8(plain.subarray(2, end)), content: plain.subarray(end) }
  } catch {
    return undefined
  }
}
