/**
 * HPKE (RFC 9180) in base mode, with DHKEM(X25519, HKDF-SHA256) and HKDF-SHA256. A context seals or opens several messages in
 * their order. The package behind it is loaded by the first one who needs it.
 */
import type { AeadInterface, CipherSuite } from '@hpke/core'
import { AivError, EMPTY, type RandomSource } from '../core/index.ts'
import {
  AEAD_KEY_BYTES,
  AEAD_TAG_BYTES,
  AES128_KEY_BYTES,
  CHACHA20POLY1305_NONCE_BYTES,
  X25519_BYTES,
} from './constants.ts'
import { requireLength } from './lengths.ts'
import { aes128gcm, aes256gcm } from './node/aes.ts'
import { chacha20poly1305 } from './node/chacha20poly1305.ts'
import { x25519 } from './node/x25519.ts'
import type { Aead } from './provider.ts'
import { erase } from './secrets.ts'

/** Identifiers of the registry (RFC 9180 section 7) that are understood here. */
export const HPKE_KEM = { x25519: 0x0020 } as const
export const HPKE_KDF = { hkdfSha256: 0x0001 } as const
export const HPKE_AEAD = { aes128gcm: 0x0001, aes256gcm: 0x0002, chacha20poly1305: 0x0003 } as const

export type HpkeAead = (typeof HPKE_AEAD)[keyof typeof HPKE_AEAD]

export interface HpkeSender {
  /** The encapsulated key, 32 bytes. */
  readonly enc: Uint8Array
  /**
   * The ciphertext, 16 bytes longer than the plaintext. Each call is the next message. At once, because a handshake that has
   * to answer cannot wait.
   * @throws AivError `E_CRYPTO` after `erase`, or for more messages than anybody needs
   */
  seal(aad: Uint8Array, plaintext: Uint8Array): Uint8Array
  /** Forgets the key; nothing more can be sealed. */
  erase(): void
}

export interface HpkeRecipient {
  /** The plaintext of the next message; undefined when it is not that, and then the next one is still awaited. */
  open(aad: Uint8Array, ciphertext: Uint8Array): Promise<Uint8Array | undefined>
}

/**
 * SetupBaseS.
 * @param publicKey of the recipient, 32 bytes
 * @param random for the ephemeral key; the system's when absent
 * @throws AivError `E_CRYPTO` for a public key that is a low-order point or of another length
 */
export async function hpkeSender(
  aead: HpkeAead,
  publicKey: Uint8Array,
  info: Uint8Array,
  random?: RandomSource,
): Promise<HpkeSender> {
  requireLength(publicKey, X25519_BYTES, 'HPKE public key')
  const taken = new TakenKeys(aead)
  const suite = await suiteOf(aead, taken)
  const ephemeral = x25519.generate(random)
  // It throws for a low-order point: anybody could open what is sealed to one.
  erase(ephemeral.sharedSecret(publicKey))
  const secret = ephemeral.exportPrivate()
  try {
    const context = await suite.createSenderContext({
      recipientPublicKey: await suite.kem.deserializePublicKey(publicKey),
      info,
      ekm: {
        privateKey: await suite.kem.deserializePrivateKey(secret),
        publicKey: await suite.kem.deserializePublicKey(ephemeral.publicKey),
      },
    })
    await context.seal(EMPTY)
    return taken.sender(new Uint8Array(context.enc))
  } catch (cause) {
    throw new AivError('E_CRYPTO', 'HPKE cannot be set up for this public key', { cause })
  } finally {
    ephemeral.erase()
    erase(secret)
  }
}

/**
 * SetupBaseR.
 * @param privateKey 32 bytes
 * @param enc what the sender encapsulated
 * @returns undefined for an encapsulated key that is none
 * @throws AivError `E_CRYPTO` for a private key of another length
 */
export async function hpkeRecipient(
  aead: HpkeAead,
  privateKey: Uint8Array,
  enc: Uint8Array,
  info: Uint8Array,
): Promise<HpkeRecipient | undefined> {
  requireLength(privateKey, X25519_BYTES, 'HPKE private key')
  if (enc.length !== X25519_BYTES || isLowOrder(privateKey, enc)) return undefined
  const suite = await suiteOf(aead)
  const context = await suite.createRecipientContext({
    recipientKey: await suite.kem.deserializePrivateKey(privateKey),
    enc,
    info,
  })
  return {
    async open(aad, ciphertext) {
      try {
        return new Uint8Array(await context.open(ciphertext, aad))
      } catch {
        return undefined
      }
    },
  }
}

function isLowOrder(privateKey: Uint8Array, publicKey: Uint8Array): boolean {
  const pair = x25519.fromPrivate(privateKey)
  try {
    erase(pair.sharedSecret(publicKey))
    return false
  } catch {
    return true
  } finally {
    pair.erase()
  }
}

async function suiteOf(aead: HpkeAead, cipher?: AeadInterface): Promise<CipherSuite> {
  const [core, { DhkemX25519HkdfSha256 }] = await Promise.all([
    import('@hpke/core'),
    import('@hpke/dhkem-x25519'),
  ])
  const ciphers = {
    [HPKE_AEAD.aes128gcm]: () => new core.Aes128Gcm(),
    [HPKE_AEAD.aes256gcm]: () => new core.Aes256Gcm(),
    [HPKE_AEAD.chacha20poly1305]: () => chacha20,
  } as const
  return new core.CipherSuite({
    kem: new DhkemX25519HkdfSha256(),
    kdf: new core.HkdfSha256(),
    aead: cipher ?? ciphers[aead](),
  })
}

/**
 * In the place of a cipher: takes the key and the base nonce that the package has derived, and encrypts nothing. The package
 * itself seals later than it is asked.
 */
class TakenKeys implements AeadInterface {
  readonly id: HpkeAead
  readonly keySize: number
  readonly nonceSize = CHACHA20POLY1305_NONCE_BYTES
  readonly tagSize = AEAD_TAG_BYTES
  readonly #cipher: Aead
  #key: Uint8Array = EMPTY
  #baseNonce: Uint8Array = EMPTY

  constructor(id: HpkeAead) {
    this.id = id
    this.keySize = id === HPKE_AEAD.aes128gcm ? AES128_KEY_BYTES : AEAD_KEY_BYTES
    this.#cipher = CIPHERS[id]
  }

  createEncryptionContext(
    key: ArrayBufferLike | ArrayBufferView,
  ): ReturnType<AeadInterface['createEncryptionContext']> {
    this.#key = view(key)
    const take = async (nonce: ArrayBufferLike | ArrayBufferView): Promise<ArrayBuffer> => {
      // The nonce of the first message: the base nonce, and a zero (RFC 9180 section 5.2).
      this.#baseNonce = view(nonce).slice()
      return owned(EMPTY)
    }
    return { seal: take, open: take }
  }

  sender(enc: Uint8Array): HpkeSender {
    const [key, baseNonce, cipher] = [this.#key, this.#baseNonce, this.#cipher]
    let sequence = 0
    return {
      enc,
      seal(aad, plaintext) {
        if (sequence === MESSAGES_MOST) throw new AivError('E_CRYPTO', 'the HPKE context seals nothing more')
        return cipher.seal(key, messageNonce(baseNonce, sequence++), aad, plaintext)
      },
      erase() {
        sequence = MESSAGES_MOST
        erase(key, baseNonce)
      },
    }
  }
}

/** Far below the limit of the document, and no count of messages comes near it. */
const MESSAGES_MOST = 2 ** 16
const CIPHERS: Readonly<Record<HpkeAead, Aead>> = {
  [HPKE_AEAD.aes128gcm]: aes128gcm,
  [HPKE_AEAD.aes256gcm]: aes256gcm,
  [HPKE_AEAD.chacha20poly1305]: chacha20poly1305,
}

/** The base nonce with the number of the message in its last bytes: no nonce comes twice under a key. */
function messageNonce(base: Uint8Array, sequence: number): Uint8Array {
  const nonce = base.slice()
  for (let at = nonce.length - 1, left = sequence; left > 0; at--, left = Math.floor(left / 256))
    nonce[at] = (nonce[at] as number) ^ (left & 0xff)
  return nonce
}

/** The package has no ChaCha20-Poly1305 of its own. */
const chacha20: AeadInterface = {
  id: HPKE_AEAD.chacha20poly1305,
  keySize: AEAD_KEY_BYTES,
  nonceSize: CHACHA20POLY1305_NONCE_BYTES,
  tagSize: AEAD_TAG_BYTES,
  createEncryptionContext(rawKey) {
    const key = view(rawKey)
    return {
      seal: async (iv, data, aad) =>
        owned(chacha20poly1305.seal(key, view(iv), view(aad ?? EMPTY), view(data))),
      async open(iv, data, aad) {
        const opened = chacha20poly1305.open(key, view(iv), view(aad ?? EMPTY), view(data))
        if (opened === undefined) throw new AivError('E_AUTHENTICATION', 'the tag is wrong')
        return owned(opened)
      },
    }
  },
}

function view(bytes: ArrayBufferLike | ArrayBufferView): Uint8Array {
  return ArrayBuffer.isView(bytes)
    ? new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    : new Uint8Array(bytes)
}

function owned(bytes: Uint8Array): ArrayBuffer {
  return new Uint8Array(bytes).buffer
}
