/** How a key file says that its secrets are sealed under a passphrase. */
import { AivError, toHex } from '../../core/index.ts'
import { XCHACHA20POLY1305_NONCE_BYTES } from '../../crypto/index.ts'
import { SALT_BYTES } from '../constants.ts'
import { Fields } from '../files/json-fields.ts'
import type { Encryption, KdfParameters } from './key-protection.ts'

const CIPHER = 'xchacha20-poly1305'

export function encryptionJson({ kdf, salt, nonce }: Encryption): Record<string, unknown> {
  const parameters =
    kdf.name === 'scrypt'
      ? { kdf: kdf.name, n: kdf.N, r: kdf.r, p: kdf.p }
      : { kdf: kdf.name, memory_kib: kdf.memoryKiB, passes: kdf.passes, parallelism: kdf.parallelism }
  return { ...parameters, salt: toHex(salt), cipher: CIPHER, nonce: toHex(nonce) }
}

/**
 * @param value of the field `encryption`; null where nothing is sealed
 * @throws AivError `E_MALFORMED`
 */
export function parseEncryption(value: unknown): Encryption | undefined {
  if (value === null) return undefined
  const fields = new Fields(value)
  const kdf = parseKdf(fields)
  const salt = fields.bytes('salt', SALT_BYTES)
  if (fields.text('cipher') !== CIPHER) throw malformed('it uses a cipher that this program does not know')
  const nonce = fields.bytes('nonce', XCHACHA20POLY1305_NONCE_BYTES)
  fields.finish()
  return { kdf, salt, nonce }
}

function parseKdf(fields: Fields): KdfParameters {
  const name = fields.text('kdf')
  if (name === 'scrypt')
    return { name, N: fields.integer('n'), r: fields.integer('r'), p: fields.integer('p') }
  if (name !== 'argon2id') throw malformed('it uses a key derivation that this program does not know')
  return {
    name,
    memoryKiB: fields.integer('memory_kib'),
    passes: fields.integer('passes'),
    parallelism: fields.integer('parallelism'),
  }
}

function malformed(why: string): AivError {
  return new AivError('E_MALFORMED', why)
}
