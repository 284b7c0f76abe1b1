/** The mailbox of an identity: keys of its own, which say nothing about the identity to anybody without its secrets. */
import { utf8 } from '../../core/index.ts'
import { type Ed25519KeyPair, ed25519, erase, hkdfExpand, hkdfExtract, x25519 } from '../../crypto/index.ts'
import type { Identity } from '../../identity/index.ts'
import { mailboxOf } from '../provider/index.ts'
import type { MailboxAddress } from './mailbox-address.ts'

const SALT = utf8('aiv-mix-mailbox-keys-v1')
const OWNER_INFO = utf8('owner')
const SEAL_INFO = utf8('seal')
const KEY_BYTES = 32

export interface MailboxKeys {
  /** Owns the mailbox. */
  readonly owner: Ed25519KeyPair
  /** X25519 key that messages are sealed to, 32 bytes. */
  readonly sealPrivateKey: Uint8Array
}

/** Two keys of the identity's signing seed by HKDF-SHA-256 (RFC 5869), one for each purpose. */
export function mailboxKeys(identity: Identity): MailboxKeys {
  const seed = identity.sign.exportSeed()
  const pseudorandom = hkdfExtract(seed, SALT)
  const ownerSeed = hkdfExpand(pseudorandom, OWNER_INFO, KEY_BYTES)
  try {
    return {
      owner: ed25519.fromSeed(ownerSeed),
      sealPrivateKey: hkdfExpand(pseudorandom, SEAL_INFO, KEY_BYTES),
    }
  } finally {
    erase(seed, pseudorandom, ownerSeed)
  }
}

export function eraseMailboxKeys({ owner, sealPrivateKey }: MailboxKeys): void {
  owner.erase()
  erase(sealPrivateKey)
}

/** @param provider node id, 32 bytes */
export function mailboxAddress(keys: MailboxKeys, provider: Uint8Array): MailboxAddress {
  const seal = x25519.fromPrivate(keys.sealPrivateKey)
  const sealKey = seal.publicKey
  seal.erase()
  return { provider, mailbox: mailboxOf(keys.owner.publicKey), sealKey }
}
