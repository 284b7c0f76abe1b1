/**
 * Encryption of the secrets of a key file: a passphrase through scrypt or argon2id, then XChaCha20-Poly1305.
 *
 * Key and nonce rule: each saving draws a fresh 16-byte salt, so the key it derives seals exactly one message; the
 * nonce is random as well. The associated data is the whole rest of the file: nobody can swap a public key or
 * weaken a parameter without the passphrase.
 */
import { AivError, isAivError, type RandomSource } from '../../core/index.ts'
import {
  AEAD_KEY_BYTES,
  argon2id,
  erase,
  scrypt,
  XCHACHA20POLY1305_NONCE_BYTES,
  xchacha20poly1305,
} from '../../crypto/index.ts'
import { MAX_KDF_MEMORY_BYTES, MAX_KDF_WORK_BYTES, SALT_BYTES } from '../constants.ts'

export type KdfParameters =
  /** RFC 7914; memory is `128 N r` bytes. */
  | { readonly name: 'scrypt'; readonly N: number; readonly r: number; readonly p: number }
  /** RFC 9106, version 0x13. */
  | {
      readonly name: 'argon2id'
      readonly memoryKiB: number
      readonly passes: number
      readonly parallelism: number
    }

export type KdfName = KdfParameters['name']

/** What new files use. argon2id: RFC 9106 section 4, second recommendation. scrypt: 128 MiB, as OWASP advises. */
export const KDF_DEFAULTS: { readonly [Name in KdfName]: Extract<KdfParameters, { name: Name }> } = {
  argon2id: { name: 'argon2id', memoryKiB: 65_536, passes: 3, parallelism: 4 },
  scrypt: { name: 'scrypt', N: 131_072, r: 8, p: 1 },
}

/** How the secrets of one file are sealed. */
export interface Encryption {
  readonly kdf: KdfParameters
  /** 16 bytes. */
  readonly salt: Uint8Array
  /** 24 bytes. */
  readonly nonce: Uint8Array
}

/** Fresh salt and nonce for one saving. */
export function newEncryption(kdf: KdfParameters, random: RandomSource): Encryption {
  return { kdf, salt: random.bytes(SALT_BYTES), nonce: random.bytes(XCHACHA20POLY1305_NONCE_BYTES) }
}

export async function sealSecrets(
  secrets: Uint8Array,
  passphrase: Uint8Array,
  encryption: Encryption,
  aad: Uint8Array,
): Promise<Uint8Array> {
  const key = await deriveKey(passphrase, encryption)
  try {
    return xchacha20poly1305.seal(key, encryption.nonce, aad, secrets)
  } finally {
    erase(key)
  }
}

/** @throws AivError `E_PASSPHRASE_WRONG` when the tag does not verify, `E_KEY_FILE` on excessive parameters */
export async function openSecrets(
  sealed: Uint8Array,
  passphrase: Uint8Array,
  encryption: Encryption,
  aad: Uint8Array,
): Promise<Uint8Array> {
  const key = await deriveKey(passphrase, encryption)
  try {
    const secrets = xchacha20poly1305.open(key, encryption.nonce, aad, sealed)
    if (secrets !== undefined) return secrets
  } finally {
    erase(key)
  }
  throw new AivError('E_PASSPHRASE_WRONG', 'the passphrase is wrong, or the file was altered')
}

async function deriveKey(passphrase: Uint8Array, { kdf, salt }: Encryption): Promise<Uint8Array> {
  checkKdf(kdf)
  const length = AEAD_KEY_BYTES
  try {
    if (kdf.name === 'scrypt') {
      const { N, r, p } = kdf
      return await scrypt(passphrase, salt, { N, r, p, length })
    }
    const { memoryKiB, passes, parallelism } = kdf
    return await argon2id(passphrase, salt, { memoryKiB, passes, parallelism, length })
  } catch (cause) {
    if (!isAivError(cause)) throw cause
    throw new AivError('E_KEY_FILE', `the key file asks for impossible ${kdf.name} work`, { cause })
  }
}

/**
 * A hostile file must not make the machine allocate a terabyte or compute for a year. The bounds leave a factor of
 * several above the defaults.
 * @throws AivError `E_KEY_FILE`
 */
function checkKdf(kdf: KdfParameters): void {
  const memory = kdf.name === 'scrypt' ? 128 * kdf.N * kdf.r : 1024 * kdf.memoryKiB
  const work = memory * (kdf.name === 'scrypt' ? kdf.p : kdf.passes)
  if (memory <= MAX_KDF_MEMORY_BYTES && work <= MAX_KDF_WORK_BYTES) return
  throw new AivError('E_KEY_FILE', `the key file asks for too much ${kdf.name} work`, {
    hint: 'It was not made by this program.',
  })
}
