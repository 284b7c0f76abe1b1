/**
 * HPKE (RFC 9180) in base mode over X25519 with HKDF-SHA256, as a recipient, on HMAC and the ciphers of node:crypto: it shares
 * no code with the client that it is for.
 */
import {
  type CipherGCMTypes,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
} from 'node:crypto'
import { joined, number } from './wire.ts'

const AEADS = {
  1: { cipher: 'aes-128-gcm', keyBytes: 16 },
  2: { cipher: 'aes-256-gcm', keyBytes: 32 },
  3: { cipher: 'chacha20-poly1305', keyBytes: 32 },
} as const
const KEM = 0x20
const KDF = 1
const HASH_BYTES = 32
const NONCE_BYTES = 12
const TAG_BYTES = 16
const X25519_SPKI = Buffer.from('302a300506032b656e032100', 'hex')
const X25519_PKCS8 = Buffer.from('302e020100300506032b656e04220420', 'hex')
const NOTHING = new Uint8Array(0)

export interface Recipient {
  /** The next message; undefined when it is none. */
  open(aad: Uint8Array, ciphertext: Uint8Array): Uint8Array | undefined
}

/** Undefined for an AEAD that is not known. @throws Error for an encapsulated key that is none */
export function recipientOf(
  aead: number,
  privateKey: Uint8Array,
  enc: Uint8Array,
  info: Uint8Array,
): Recipient | undefined {
  if (!(aead in AEADS)) return undefined
  const { cipher, keyBytes } = AEADS[aead as keyof typeof AEADS]
  const suite = joined(Buffer.from('HPKE'), number(KEM, 2), number(KDF, 2), number(aead, 2))
  const secret = decapsulated(privateKey, enc)
  const context = joined(
    Uint8Array.of(0),
    extract(suite, NOTHING, 'psk_id_hash', NOTHING),
    extract(suite, NOTHING, 'info_hash', info),
  )
  const schedule = extract(suite, secret, 'secret', NOTHING)
  const key = expand(suite, schedule, 'key', context, keyBytes)
  const baseNonce = expand(suite, schedule, 'base_nonce', context, NONCE_BYTES)
  let sequence = 0
  return {
    open(aad, ciphertext) {
      const nonce = baseNonce.map((byte, at) => byte ^ (number(sequence, NONCE_BYTES)[at] as number))
      // The types know AEADs by GCM; ChaCha20-Poly1305 has the same methods.
      const decipher = createDecipheriv(cipher as CipherGCMTypes, key, nonce, { authTagLength: TAG_BYTES })
      decipher.setAAD(aad)
      decipher.setAuthTag(ciphertext.subarray(-TAG_BYTES))
      try {
        const opened = joined(decipher.update(ciphertext.subarray(0, -TAG_BYTES)), decipher.final())
        sequence++
        return opened
      } catch {
        return undefined
      }
    },
  }
}

/** RFC 9180 section 4.1. */
function decapsulated(privateBytes: Uint8Array, enc: Uint8Array): Uint8Array {
  const suite = joined(Buffer.from('KEM'), number(KEM, 2))
  const privateKey = createPrivateKey({
    key: Buffer.from(joined(X25519_PKCS8, privateBytes)),
    format: 'der',
    type: 'pkcs8',
  })
  const own = createPublicKey(privateKey).export({ type: 'spki', format: 'der' }).subarray(X25519_SPKI.length)
  const publicKey = createPublicKey({
    key: Buffer.from(joined(X25519_SPKI, enc)),
    format: 'der',
    type: 'spki',
  })
  const shared = diffieHellman({ privateKey, publicKey })
  const prk = extract(suite, NOTHING, 'eae_prk', shared)
  return expand(suite, prk, 'shared_secret', joined(enc, own), HASH_BYTES)
}

function extract(suite: Uint8Array, salt: Uint8Array, label: string, input: Uint8Array): Uint8Array {
  const key = salt.length === 0 ? new Uint8Array(HASH_BYTES) : salt
  const labelled = joined(Buffer.from('HPKE-v1'), suite, Buffer.from(label), input)
  return new Uint8Array(createHmac('sha256', key).update(labelled).digest())
}

/** At most as long as the hash. */
function expand(
  suite: Uint8Array,
  prk: Uint8Array,
  label: string,
  info: Uint8Array,
  length: number,
): Uint8Array {
  const labelled = joined(number(length, 2), Buffer.from('HPKE-v1'), suite, Buffer.from(label), info)
  const block = createHmac('sha256', prk)
    .update(joined(labelled, Uint8Array.of(1)))
    .digest()
  return new Uint8Array(block.subarray(0, length))
}
